import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CredentialsOptions } from '../../../src/verbs/creds/options.ts'
import { handedSession } from '../../../src/verbs/creds/handed-session.ts'
import { Sessions } from '../../../src/app/narrowed-sessions.ts'
import type { Host } from '../../../src/verbs/host.ts'
import type { Keyring } from '../../../src/identity/keyring.ts'
import { labAccounts, labExternalId, labRegion, labRoles } from '../../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import { createHttpClient } from '../../../src/s3/http-client.ts'
import { FakeKeyring } from '../../identity/fake-keyring.ts'
import { account, config } from '../../cli/fixture.ts'

let lab: Lab
let folder: string
let keyring: FakeKeyring

beforeEach(async () => {
  lab = await startLab()
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-creds-'))
  keyring = new FakeKeyring()
  const { accessKeyId, secretAccessKey } = lab.principals.zAudit
  vi.stubEnv('AWS_ENDPOINT_URL_STS', lab.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey)
  vi.stubEnv('CROSSTRAIL_SEEKING_CREDENTIALS', undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
  await lab.stop()
})

const Z = account('Z', {
  id: labAccounts.Z,
  role: labRoles.Z,
  externalId: labExternalId,
  credentials: { type: 'env' },
  reads: 'all',
  allow: ['list', 'download', 'copy', 'delete'],
})
const everything: CredentialsOptions = {
  account: 'Z',
  verbs: undefined,
  readOnly: false,
  copyTo: undefined,
  cache: false,
}

function hand(changes: Partial<CredentialsOptions> = {}, from: Keyring = keyring, allow = Z.allow) {
  const signal = new AbortController().signal
  const options = { sessionPolicy: true, mfaCode: undefined, askMfaCode: undefined, maxAttempts: undefined, signal }
  const sessions = new Sessions(config.trail, options, createHttpClient({ env: {} }))
  const silent = () => undefined
  const host = {
    config: { ...config, accounts: [{ ...Z, allow }] },
    env: { XDG_CACHE_HOME: folder, AWS_ENDPOINT_URL_STS: lab.endpoint },
    listener: silent,
    session: (...[to, rights, reach]: Parameters<Host['session']>) => sessions.open(to, rights, reach, silent),
    policyOf: (...asked: Parameters<Host['policyOf']>) => sessions.policyOf(...asked),
  } as unknown as Host
  return handedSession({ ...everything, ...changes }, host, from)
}

function allowed(): string[] {
  const policy = JSON.parse(lab.requests.recent('AssumeRole').at(-1)?.query.get('Policy') ?? '{}') as {
    Statement: { Action: string | string[] }[]
  }
  return [...new Set(policy.Statement.flatMap(({ Action }) => Action))].sort()
}

test('allows everything in `allow` by default, in one policy within the size limit', async () => {
  const { session, region } = await hand()
  expect(region).toBe(labRegion)
  expect(session.assumedRoleArn).toContain('CloudTrailLogs-Z')
  expect(allowed()).toEqual(expect.arrayContaining(['s3:ListBucket', 's3:GetObject', 's3:DeleteObject']))
  expect(allowed()).not.toContain('s3:PutObject')
  expect(lab.requests.recent('AssumeRole').at(-1)?.query.get('Policy')?.length).toBeLessThanOrEqual(2_048)
})

test('allows no writes with --read-only', async () => {
  await hand({ readOnly: true })
  expect(allowed()).toEqual(['kms:Decrypt', 's3:GetObject', 's3:ListBucket'])
})

test('allows only listing with --read-only if the account may only list', async () => {
  await hand({ readOnly: true }, keyring, ['list'])
  expect(allowed()).toEqual(['s3:ListBucket'])
})

test('allows to write below --copy-to', async () => {
  await hand({ verbs: ['copy'], copyTo: 's3://archive-logs' })
  expect(allowed()).toContain('s3:PutObject')
})

test.each(['/tmp', 's3://archive-logs//a', 'archive-logs'])('refuses %s as --copy-to', async (copyTo) => {
  await expect(hand({ copyTo })).rejects.toMatchObject({ code: 'usage.invalid-value' })
})

test.each<[Partial<CredentialsOptions>]>([
  [{ verbs: ['delete'] }],
  [{ verbs: ['list', 'copy'] }],
  [{ readOnly: true }],
])('refuses %j that the account does not allow, before any call', async (changes) => {
  const allow = changes.readOnly === true ? (['delete'] as const) : (['download'] as const)
  await expect(hand(changes, keyring, allow)).rejects.toMatchObject({ code: 'access.verb-not-allowed' })
  expect(lab.requests.count()).toBe(0)
})

test('uses a cached session in the next run, without a call', async () => {
  const first = await (await hand({ cache: true })).session.current()
  const calls = lab.requests.count()
  expect(await (await hand({ cache: true })).session.current()).toEqual(first)
  expect(lab.requests.count()).toBe(calls)
  expect(readdirSync(join(folder, 'crosstrail', 'sessions'))).toHaveLength(1)
})

test('opens another session for narrower rights, and without the cache', async () => {
  await hand({ cache: true })
  await hand({ cache: true, verbs: ['list'] })
  await hand()
  expect(lab.requests.count('AssumeRole')).toBe(3)
})

test('refuses the cache before any call if there is no keyring, and writes nothing', async () => {
  const none = { read: () => Promise.reject(new Error('AccessDenied')), write: () => Promise.resolve() }
  await expect(hand({ cache: true }, none)).rejects.toThrow('AccessDenied')
  expect(lab.requests.count()).toBe(0)
  expect(readdirSync(folder)).toEqual([])
})
