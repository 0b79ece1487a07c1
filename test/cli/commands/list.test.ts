import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import type { Outcome } from '../../../src/work/outcome.ts'
import { TallyCounter } from '../../../src/work/tally.ts'
import { failure, logKey, object, scripted } from '../fixture.ts'
import { runCli, TestHost } from '../host.ts'

const listed: Outcome = { status: 'done', account: 'B', object: object(), bytes: 0 }
const foreign: Outcome = { status: 'skipped', account: 'B', object: object({ key: 'README' }), reason: 'foreign' }
const evil: Outcome = { status: 'done', account: 'B', object: object({ key: 'a\u001B[2J"b' }), bytes: 0 }

test('the table has a line for each listed object, but none for skipped objects', async () => {
  const { stdout, code } = await runCli('list --quiet', { services: scripted([listed, foreign]).open })
  expect(code).toBe(0)
  expect(stdout.split('\n')).toEqual([
    'DELIVERED                SIZE  LOG ACCOUNT   REGION          KIND    KEY',
    `2026-11-01T00:05:00Z   5.7 kB  222222222222  us-east-1       events  ${logKey}`,
    '',
  ])
})

test('JSON has the promised fields in the promised order', async () => {
  const { stdout } = await runCli('list --output json', { services: scripted([listed]).open })
  expect(stdout).toBe(
    `${JSON.stringify({
      key: logKey,
      sizeBytes: 5700,
      lastModified: '2026-11-01T00:06:30Z',
      etag: 'd41d8cd98f00b204e9800998ecf8427e',
      storageClass: 'STANDARD',
      account: 'B',
      logAccount: '222222222222',
      region: 'us-east-1',
      kind: 'events',
      deliveredAt: '2026-11-01T00:05:00Z',
    })}\n`,
  )
})

test('CSV has a title line even if nothing is listed', async () => {
  const title = 'key,sizeBytes,lastModified,etag,storageClass,account,logAccount,region,kind,deliveredAt'
  expect((await runCli('list --output csv', { services: scripted([]).open })).stdout).toBe(`${title}\n`)
  expect((await runCli('list --output csv', { services: scripted([listed]).open })).stdout.split('\n')).toEqual([
    title,
    `${logKey},5700,2026-11-01T00:06:30Z,d41d8cd98f00b204e9800998ecf8427e,STANDARD,B,222222222222,us-east-1,events,2026-11-01T00:05:00Z`,
    '',
  ])
})

test.each(['table', 'json', 'csv'])('escapes control characters of a key: %s', async (format) => {
  const { stdout } = await runCli(`list --output ${format}`, { services: scripted([evil]).open })
  expect(stdout).not.toContain('\u001B')
  expect(stdout).toMatch(/\\x1b\[2J|\\u001b\[2J/)
})

test('passes all options to the verb', async () => {
  const { open, asked } = scripted([])
  await runCli('list B --region us-east-1 --from 2026-11-01 --to 2026-11-02 --sorted --max-objects 5 --concurrency 8', {
    services: open,
  })
  expect(asked.list).toMatchObject({
    sorted: true,
    maxObjects: 5,
    selection: {
      accounts: ['B'],
      regions: ['us-east-1'],
      window: { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 2) },
    },
  })
  expect(asked.open).toMatchObject({ sessionPolicy: true, concurrency: 8 })
  expect(asked.closed).toBe(1)
})

test('exits with 3 if an account has no access', async () => {
  const accounts = [{ account: 'B', tally: emptyTally, seconds: 1, error: failure('access.assume-role-denied') }]
  const { code } = await runCli('list', { services: scripted([], { accounts }).open })
  expect(code).toBe(3)
})

test('--summary prints totals, and --buckets the buckets that the role can see', async () => {
  expect((await runCli('list --summary', { services: scripted([]).open })).stdout).toContain('total   0 objects')
  expect((await runCli('list --buckets --output json', { services: scripted([]).open })).stdout).toBe(
    '{"account":"Z","bucket":"example-cloudtrail-logs","created":"1970-01-01T00:00:00Z"}\n',
  )
})

test('--buckets prints no object counts', async () => {
  const { stderr } = await runCli('list --buckets', { services: scripted([]).open })
  expect(stderr).toBe('')
})

test.each(['--from 2026-11-01', '--region us-east-1', '--include a*', '--sorted', '--max-objects 5'])(
  '--buckets refuses %s, which would select nothing',
  async (option) => {
    const { code, stderr } = await runCli(`list --buckets ${option}`)
    expect(code).toBe(2)
    expect(stderr).toContain(`does not go together with ${option.split(' ')[0]}\n`)
  },
)

test('a closed stdout does not hide an account without access', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, gone) => gone(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  const accounts = [{ account: 'B', tally: emptyTally, seconds: 1, error: failure('access.assume-role-denied') }]
  const services = scripted([listed], { accounts, interrupted: true }).open
  expect(await main(['list'], new TestHost({}, stdout), services)).toBe(3)
})

test('ends without a message if the reader closes stdout', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, gone) => gone(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  const host = new TestHost({}, stdout)
  const code = await main(['list'], host, scripted([listed], { interrupted: true }).open)
  expect({ code, stderr: host.stderr.text }).toEqual({ code: 0, stderr: '' })
})

const emptyTally = new TallyCounter().snapshot()
