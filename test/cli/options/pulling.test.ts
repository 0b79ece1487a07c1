import { expect, test } from 'vitest'
import { pull } from '../../../src/cli/commands/pull.ts'
import { parseArguments } from '../../../src/cli/parser.ts'
import { readOptions } from '../../../src/cli/read-options.ts'
import type { PullSettings } from '../../../src/cli/measured-pull.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)
const hourMs = 3_600_000

async function settingsOf(line: string): Promise<PullSettings> {
  const { positionals, given } = await parseArguments(['pull', ...line.split(' ')], [pull])
  const args = pull.check(readOptions(pull.options, given, {}), positionals, nowMs)
  if (args.action !== 'pull') throw new Error('not a pull')
  return args.settings
}

test('by default a pull begins a day ago, looks back a day and sweeps 30 days', async () => {
  const { asked, everyMs, listen } = await settingsOf('--to logs')
  expect(asked).toMatchObject({
    to: 'logs',
    sinceMs: nowMs - 24 * hourMs,
    lookBackMs: 24 * hourMs,
    sweepMs: 30 * 24 * hourMs,
    verifyLocal: false,
    maxLagMs: undefined,
    sink: { type: 'folder', decompress: false },
    selection: { window: { fromMs: undefined, toMs: undefined } },
  })
  expect({ everyMs, listen }).toEqual({ everyMs: undefined, listen: undefined })
})

test('passes all options on', async () => {
  const line =
    '--to logs --since 2026-11-01 --look-back 6h --sweep 0d --max-lag 90m --verify-local --exec ./x --every 5m'
  expect(await settingsOf(line)).toMatchObject({
    asked: {
      sinceMs: Date.UTC(2026, 10, 1),
      lookBackMs: 6 * hourMs,
      sweepMs: 0,
      maxLagMs: 1.5 * hourMs,
      verifyLocal: true,
      sink: { type: 'exec', command: './x', atATime: 4 },
    },
    everyMs: 300_000,
  })
})

test.each([
  ['1h', { everyMs: hourMs, sizeBytes: undefined }],
  ['100MB', { everyMs: undefined, sizeBytes: 100_000_000 }],
  ['15m|1GiB', { everyMs: 900_000, sizeBytes: 1024 ** 3 }],
  ['1GiB|15m', { everyMs: 900_000, sizeBytes: 1024 ** 3 }],
])('--rotate %s', async (text, rotate) => {
  const { asked } = await settingsOf(`--to logs --format ndjson --rotate ${text}`)
  expect(asked.sink).toMatchObject({ type: 'ndjson', rotate })
})

test('only a pull without --every publishes its NDJSON file at its end', async () => {
  const alone = await settingsOf('--to logs --format ndjson --rotate 1h')
  expect(alone.asked.sink).toMatchObject({ publishAtEnd: true })
  const repeated = await settingsOf('--to logs --format ndjson --every 5m')
  expect(repeated.asked.sink).toMatchObject({ publishAtEnd: false })
})

test('without --rotate an NDJSON file holds an hour or 100 MB', async () => {
  const { asked } = await settingsOf('--to logs --format ndjson')
  expect(asked.sink).toMatchObject({ rotate: { everyMs: hourMs, sizeBytes: 100_000_000 } })
})

test.each([
  ['9464', { host: '127.0.0.1', port: 9464 }],
  ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['[::1]:9464', { host: '::1', port: 9464 }],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
])('--listen %s', async (text, listen) => {
  expect((await settingsOf(`--to logs --every 1m --listen ${text}`)).listen).toEqual(listen)
})

test('a pull to a bucket keeps its coverage in --state', async () => {
  const { asked } = await settingsOf('--to s3://archive/x --state state --to-account B-archive')
  expect(asked).toMatchObject({ to: 'state', sink: { type: 's3', to: 's3://archive/x', toAccount: 'B-archive' } })
})

test.each([
  ['--if-free', 'usage.missing-option'],
  ['--to s3://archive/x', 'usage.missing-option'],
  ['--to logs --state state', 'usage.conflict'],
  ['--to s3://archive/x --state state --format ndjson', 'usage.conflict'],
  ['--to s3://archive/x --state state --exec ./x', 'usage.conflict'],
  ['--to s3://archive/x --state state --decompress', 'usage.conflict'],
  ['--to s3://archive/x --state state --verify-local', 'usage.conflict'],
  ['--to logs --to-region us-east-1', 'usage.conflict'],
  ['--to logs --storage-class GLACIER', 'usage.conflict'],
  ['--to logs --rotate 1h', 'usage.conflict'],
  ['--to logs --format ndjson --verify-local', 'usage.conflict'],
  ['--to logs --format ndjson --decompress', 'usage.conflict'],
  ['--to logs --format ndjson --exec ./x', 'usage.conflict'],
  ['--to logs --exec-parallel 2', 'usage.conflict'],
  ['--to logs --listen 9464', 'usage.conflict'],
  ['--to logs --format xml', 'usage.invalid-value'],
  ['--to logs --every 500ms', 'usage.invalid-value'],
  ['--to logs --every 0s', 'usage.invalid-value'],
  ['--to logs --every 8d', 'usage.invalid-value'],
  ['--to logs --sweep 5y', 'usage.invalid-value'],
  ['--to logs --look-back 1s', 'usage.invalid-value'],
  ['--to logs --every 1m --listen 65536', 'usage.invalid-value'],
  ['--to logs --every 1m --listen http://127.0.0.1', 'usage.invalid-value'],
  ['--to logs --format ndjson --rotate 1h|2h', 'usage.invalid-value'],
  ['--to logs --format ndjson --rotate 0s', 'usage.invalid-value'],
  ['--to logs --metrics-file metrics.txt', 'usage.invalid-value'],
  ['--to logs --since tomorrow', 'usage.time'],
  ['--to logs --threads 2', 'usage.unknown-option'],
  ['--to logs --last 24h', 'usage.unknown-option'],
])('%s is refused with %s', async (line, code) => {
  await expect(settingsOf(line)).rejects.toMatchObject({ code })
})
