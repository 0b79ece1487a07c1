import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unitsFolder } from './unit-files.ts'

const script = join(unitsFolder, 'docker/health-check.mjs')

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'crosstrail-health-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the check beside a process 1 with these arguments. */
async function check(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const file = join(folder, 'cmdline')
  writeFileSync(file, args.map((word) => `${word}\0`).join(''))
  const child = spawn(process.execPath, [script, file], { env: { ...env } })
  let line = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (line += text))
  const [code] = await once(child, 'close')
  return { code: code as number, line }
}

const crosstrail = (...args: readonly string[]) => ['/usr/local/bin/node', '/usr/local/bin/crosstrail', ...args]

/** Calls back with the port of a server on `host`. */
async function served(answer: RequestListener, use: (port: number) => Promise<void>, host = '127.0.0.1') {
  const server = createServer(answer).listen(0, host)
  await once(server, 'listening')
  try {
    await use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const healthy: RequestListener = ({ url }, response) => {
  response.writeHead(url === '/healthz' ? 200 : 404).end('ok\n')
}

test('it asks /healthz of the address, in each form that --listen takes', async () => {
  await served(healthy, async (port) => {
    const ok = { code: 0, line: 'ok\n' }
    expect(await check(crosstrail('pull', '--listen', String(port), '--every', '5m'))).toEqual(ok)
    expect(await check(crosstrail('worker', `--listen=127.0.0.1:${port}`))).toEqual(ok)
    expect(await check(crosstrail('pull', '--listen', `0.0.0.0:${port}`))).toEqual(ok)
    expect(await check(crosstrail('pull', '--every', '5m'), { CROSSTRAIL_LISTEN: `0.0.0.0:${port}` })).toEqual(ok)
    expect(await check(['/sbin/docker-init', '--', 'crosstrail', 'pull', '--listen', `[::]:${port}`])).toEqual({
      code: 1,
      line: expect.stringContaining('/healthz did not answer'),
    })
  })
})

test('an argument overrides the environment', async () => {
  await served(healthy, async (port) => {
    const args = crosstrail('pull', '--listen', String(port))
    expect(await check(args, { CROSSTRAIL_LISTEN: '127.0.0.1:1' })).toMatchObject({ code: 0 })
  })
})

test('503 is unhealthy, with the line of the server', async () => {
  const failing: RequestListener = (_, response) => response.writeHead(503).end('3 pulls in a row failed\n')
  await served(failing, async (port) => {
    expect(await check(crosstrail('pull', '--listen', String(port)))).toEqual({
      code: 1,
      line: '3 pulls in a row failed\n',
    })
  })
})

test('a server that does not answer, or that ends early, is unhealthy', async () => {
  await served(
    () => undefined,
    async (port) => {
      expect(await check(crosstrail('pull', '--listen', String(port)))).toEqual({
        code: 1,
        line: '/healthz did not answer within 5 seconds\n',
      })
    },
  )
  const ending: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('ok')
    setTimeout(() => response.destroy(), 50)
  }
  await served(ending, async (port) => {
    expect(await check(crosstrail('pull', '--listen', String(port)))).toMatchObject({ code: 1 })
  })
})

test.each([
  [crosstrail('list', '--summary'), {}],
  [crosstrail('pull', '--to', '/data'), {}],
  [crosstrail('list'), { CROSSTRAIL_LISTEN: '9464' }],
  [crosstrail('exec', 'B', '--', 'serve', '--listen', '1'), {}],
])('a command that serves no health page is healthy: %j with %j', async (args, env) => {
  expect(await check(args, env)).toEqual({ code: 0, line: 'running, without --listen\n' })
})

test.each([
  [crosstrail('pull', '--listen', '0'), 'a free port'],
  [crosstrail('pull', '--listen', 'a/b'), 'cannot read'],
  [['/sbin/init'], 'PID 1 is not crosstrail'],
])('what it cannot check is unhealthy: %j', async (args, reason) => {
  expect(await check(args)).toEqual({ code: 1, line: expect.stringContaining(reason) })
})
