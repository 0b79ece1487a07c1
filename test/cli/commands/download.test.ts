import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import type { Outcome } from '../../../src/work/outcome.ts'
import { failure, logKey, object, scripted } from '../fixture.ts'
import { runCli, TestHost } from '../host.ts'

const done: Outcome = {
  status: 'done',
  account: 'B',
  object: object(),
  bytes: 5700,
  detail: { path: `logs/${logKey}` },
}
const present: Outcome = { status: 'skipped', account: 'B', object: object(), reason: 'present' }
const failed: Outcome = { status: 'failed', account: 'B', object: object(), error: failure() }
const planned: Outcome = { status: 'skipped', account: 'B', object: object(), reason: 'dry-run' }

test('JSON has a line for every outcome', async () => {
  const { stdout } = await runCli('download --to logs --output json', {
    services: scripted([done, present, failed]).open,
  })
  const shared = { account: 'B', key: logKey, sizeBytes: 5700 }
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { status: 'done', ...shared, path: `logs/${logKey}`, bytes: 5700 },
    { status: 'skipped', ...shared, reason: 'present' },
    { status: 'failed', ...shared, code: 'object.truncated', message: 'the body ended early' },
  ])
})

test('without a format stdout stays empty and failures go to stderr', async () => {
  const { stdout, stderr, code } = await runCli('download --to logs', { services: scripted([done, failed]).open })
  expect({ stdout, code }).toEqual({ stdout: '', code: 1 })
  expect(stderr).toContain(`failed: B ${logKey}: the body ended early\n`)
  expect(stderr).toContain('1 object.truncated')
})

test('a dry run shows what would be downloaded', async () => {
  const { stdout } = await runCli('download --to logs --dry-run', { services: scripted([planned, present]).open })
  expect(stdout.split('\n')).toEqual([
    'STATUS            ACCOUNT      SIZE  KEY',
    `dry-run           B          5.7 kB  ${logKey}`,
    '',
  ])
})

test('passes all options and defaults to the verb', async () => {
  const { open, asked } = scripted([])
  await runCli('download Z --to logs --until 2026-11-08 --max-bytes 10GB --decompress', { services: open })
  expect(asked.download).toMatchObject({
    to: 'logs',
    layout: 'key',
    decompress: true,
    overwrite: false,
    dryRun: false,
    maxObjects: undefined,
    maxBytes: 10e9,
    maxInflatedBytes: 1024 ** 3,
    selection: { accounts: ['Z'], window: { fromMs: undefined, toMs: Date.UTC(2026, 10, 8) } },
  })
})

test('takes the destination from the environment', async () => {
  const { open, asked } = scripted([])
  await runCli('download', { services: open, env: { CROSSTRAIL_TO: '/logs', CROSSTRAIL_DECOMPRESS: '1' } })
  expect(asked.download).toMatchObject({ to: '/logs', decompress: true })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('a run that %s interrupts exits with %d and says how to continue', async (signal, exitCode) => {
  const { open } = scripted([done], { interrupted: true })
  const host = new TestHost()
  const code = await main(['download', '--to', 'logs'], host, (request) => {
    host.emit(signal)
    return open(request)
  })
  expect(code).toBe(exitCode)
  expect(host.stderr.text).toContain('run the same command again to continue')
})

test('a run that stops because stdout was closed fails', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, gone) => gone(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  const argv = ['download', '--to', 'logs', '--output', 'json']
  const code = await main(argv, new TestHost({}, stdout), scripted([done], { interrupted: true }).open)
  expect(code).toBe(1)
})
