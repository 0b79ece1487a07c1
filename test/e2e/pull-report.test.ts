import { existsSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
beforeAll(async () => {
  world = await labWorld({ sample: { objects: 30, foreign: false } })
})
afterAll(() => world.stop())

const since = ['--since', '2026-10-31', '--sweep', '0d']

test('a pull into a folder writes a report about the folder', async () => {
  const file = world.newPath()
  const to = world.newPath()
  const result = await world.run(['pull', 'Z', '--to', to, ...since, '--report', file])
  expect(result).toMatchObject({ exitCode: 0 })
  const page = readFileSync(file, 'utf8')
  expect(page).toContain(to)
  expect(page).toContain('30 objects')
})

test('a pull into another target writes a report about the bucket', async () => {
  const file = world.newPath()
  const result = await world.run([
    'pull',
    'Z',
    '--to',
    world.newPath(),
    '--format',
    'ndjson',
    ...since,
    '--report',
    file,
  ])
  expect(result).toMatchObject({ exitCode: 0 })
  expect(readFileSync(file, 'utf8')).toContain('example-cloudtrail-logs')
})

test('a report that cannot be written is a warning, the logs are pulled, and the exit code is 1', async () => {
  const to = world.newPath()
  const result = await world.run([
    'pull',
    'Z',
    '--to',
    to,
    ...since,
    '--report',
    join(world.newPath(), 'none', 'r.html'),
  ])
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toContain('was not written')
  expect(existsSync(join(to, 'AWSLogs'))).toBe(true)
})

test('a running pull rewrites the report, and serves it only to this machine', async () => {
  const file = world.newPath()
  const running = world.start([
    'pull',
    'Z',
    '--to',
    world.newPath(),
    ...since,
    '--every',
    '1s',
    '--listen',
    '0',
    '--report',
    file,
    '--serve-report',
  ])
  try {
    let said = ''
    running.child.stderr?.on('data', (text: string) => (said += text))
    await vi.waitFor(() => expect(/listening on (http:\S+)/.test(said) && existsSync(file)).toBe(true), 20_000)
    const url = /listening on (http:\S+)/.exec(said)?.[1] ?? ''
    const response = await fetch(`${url}/report`)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toContain('<!doctype html>')
    expect(await statusFor(`${url}/report`, 'evil.example:80')).toBe(404)
    rmSync(file)
    await vi.waitFor(() => expect(existsSync(file)).toBe(true), 20_000)
  } finally {
    running.child.kill('SIGTERM')
    await running.result
  }
})

/** `fetch` sends no other name than that of the URL. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((settle, fail) => {
    request(url, { headers: { host } }, (response) => {
      response.resume()
      settle(response.statusCode)
    })
      .on('error', fail)
      .end()
  })
}

test.each([
  [['--serve-report'], '--serve-report works only with --report'],
  [['--serve-report', '--report', 'r.html'], '--serve-report works only with --listen on a loopback address'],
  [
    ['--serve-report', '--report', 'r.html', '--every', '5m', '--listen', '0.0.0.0:9464'],
    'works only with --listen on a loopback address',
  ],
])('refuses %j', async (args, message) => {
  const result = await world.run(['pull', 'Z', '--to', world.newPath(), ...args])
  expect(result.exitCode).toBe(2)
  expect(result.stderr).toContain(message)
})
