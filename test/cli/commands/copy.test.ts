import { expect, test } from 'vitest'
import type { Outcome } from '../../../src/work/outcome.ts'
import { failure, logKey, object, scripted } from '../fixture.ts'
import { runCli } from '../host.ts'

const copied: Outcome = {
  status: 'done',
  account: 'B',
  object: object(),
  bytes: 5700,
  detail: { target: `s3://archive/trail/${logKey}`, mode: 'server-side', targetEtag: 'c0ffee' },
}
const thawing: Outcome = {
  status: 'skipped',
  account: 'B',
  object: object(),
  reason: 'archived',
  detail: { restore: 'requested' },
}
const failed: Outcome = { status: 'failed', account: 'B', object: object(), error: failure('object.differs') }
const planned: Outcome = { status: 'skipped', account: 'B', object: object(), reason: 'dry-run' }

test('JSON has a line for every outcome', async () => {
  const { stdout, code } = await runCli('copy --to s3://archive/trail --output json', {
    services: scripted([copied, thawing, failed]).open,
  })
  const shared = { account: 'B', key: logKey, sizeBytes: 5700 }
  const lines = stdout.trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { status: 'done', ...shared, ...copied.detail, bytes: 5700 },
    { status: 'skipped', ...shared, reason: 'archived', restore: 'requested' },
    { status: 'failed', ...shared, code: 'object.differs', message: 'the body ended early' },
  ])
  expect(code).toBe(1)
})

test('CSV has the target and the mode', async () => {
  const { stdout } = await runCli('copy --to s3://archive/trail --output csv', { services: scripted([copied]).open })
  expect(stdout.split('\n')).toEqual([
    'status,account,key,sizeBytes,reason,code,message,target,mode,bytes',
    `done,B,${logKey},5700,,,,s3://archive/trail/${logKey},server-side,5700`,
    '',
  ])
})

test('a dry run shows what would be copied', async () => {
  const { stdout } = await runCli('copy --to s3://archive --dry-run', { services: scripted([planned, thawing]).open })
  expect(stdout.split('\n').slice(1)).toEqual([`dry-run           B          5.7 kB  ${logKey}`, ''])
})

test('defaults are those of the safest copy', async () => {
  const { open, asked } = scripted([])
  await runCli('copy --to s3://archive', { services: open })
  expect(asked.copy).toMatchObject({
    to: 's3://archive',
    toOwner: undefined,
    toRegion: undefined,
    toAccount: undefined,
    storage: { storageClass: undefined, encryption: undefined, kmsKey: undefined, tags: undefined, acl: undefined },
    verify: false,
    overwrite: false,
    dryRun: false,
    thaw: undefined,
    journalDir: undefined,
  })
  expect(asked.open?.threads).toBe('auto')
})

test('passes all options to the verb', async () => {
  const { open, asked } = scripted([])
  const target = '--to s3://archive/trail --to-owner 444444444444 --to-region eu-west-1 --to-account Z'
  const storage =
    '--storage-class GLACIER --sse aws:kms --kms-key k --tag a=1 --tag b=x=y --acl bucket-owner-full-control'
  const how = '--verify --overwrite --max-bytes 10GB --restore-tier standard --journal-dir /j --until 2026-11-08'
  await runCli(`copy B ${target} ${storage} ${how}`, { services: open })
  expect(asked.copy).toMatchObject({
    to: 's3://archive/trail',
    toOwner: '444444444444',
    toRegion: 'eu-west-1',
    toAccount: 'Z',
    storage: {
      storageClass: 'GLACIER',
      encryption: 'aws:kms',
      kmsKey: 'k',
      tags: { a: '1', b: 'x=y' },
      acl: 'bucket-owner-full-control',
    },
    verify: true,
    overwrite: true,
    maxBytes: 10e9,
    thaw: { tier: 'standard', days: 7 },
    journalDir: '/j',
    selection: { accounts: ['B'], window: { toMs: Date.UTC(2026, 10, 8) } },
  })
})

test.each([
  ['copy', 'copy needs --to s3://bucket/prefix'],
  ['copy --to s3://archive --kms-key k', '--kms-key needs --sse aws:kms or --sse aws:kms:dsse'],
  ['copy --to s3://archive --sse AES256 --kms-key k', '--kms-key needs --sse'],
  ['copy --to s3://archive --tag keep', '--tag is "keep", expected name=value'],
  ['copy --to s3://archive --tag keep=1 --tag keep=2', 'expected each tag once'],
  ['copy --to s3://archive --to-owner 4444', '--to-owner is "4444", expected the 12 digits of an account'],
  ['copy --to s3://archive --storage-class GLACER', '--storage-class is "GLACER"'],
  ['copy --to s3://archive --restore-days 0', '--restore-days is "0"'],
  ['copy --to s3://archive --threads 2', 'unknown option --threads'],
])('`%s` is a usage error that says why', async (line, message) => {
  const { code, stderr } = await runCli(line, { services: scripted([]).open })
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

test('refuses more than ten tags, as S3 does', async () => {
  const tags = Array.from({ length: 11 }, (_, at) => `--tag t${at}=1`).join(' ')
  const { code, stderr } = await runCli(`copy --to s3://archive ${tags}`, { services: scripted([]).open })
  expect(code).toBe(2)
  expect(stderr).toContain('10 at most')
})

test('--restore-days alone requests a bulk restore', async () => {
  const { open, asked } = scripted([])
  await runCli('copy --to s3://archive --restore-days 3', { services: open })
  expect(asked.copy?.thaw).toEqual({ tier: 'bulk', days: 3 })
})
