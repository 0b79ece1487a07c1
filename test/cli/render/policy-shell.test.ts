import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { policyShellLines } from '../../../src/cli/render/policy-shell.ts'
import type { PolicySet } from '../../../src/verbs/policy/policies.ts'
import { policySet, sharers } from './policy-set.ts'

const A = '111111111111' as never
const externalId = 'z-4711:a/b'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-policy-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Answers {
  /** The account whose keys the shell has. */
  readonly account?: string
  readonly policy?: string
  /** What they print if there is no policy. */
  readonly refusal?: string
  readonly roles?: boolean
}

/** Runs the script with an `aws` that records its arguments. */
function run(set: PolicySet, { account = A, policy = '', refusal = '', roles = false }: Answers = {}) {
  const calls = join(folder, 'calls')
  const aws = `#!${process.execPath}
const fs = require('node:fs')
const stdin = 'file:///dev/stdin'
const args = process.argv.slice(2)
// Every user of the machine can see arguments
if (args.join().includes(${JSON.stringify(externalId)})) process.exit(99)
const read = (arg) => (arg === stdin ? fs.readFileSync(0, 'utf8') : arg)
fs.appendFileSync(${JSON.stringify(calls)}, JSON.stringify(args.map(read)) + '\\n')
const call = args[1]
if (call === 'get-caller-identity') console.log(${JSON.stringify(account)})
if (call === 'get-role' || call === 'get-instance-profile') process.exit(${roles ? 0 : 254})
if (call === 'get-bucket-policy' || call === 'get-key-policy') {
  if (${JSON.stringify(refusal)} !== '') { console.error(${JSON.stringify(refusal)}); process.exit(254) }
  console.log(${JSON.stringify(policy)})
}
`
  writeFileSync(join(folder, 'aws'), aws)
  chmodSync(join(folder, 'aws'), 0o755)
  const script = join(folder, 'script.sh')
  writeFileSync(script, `${policyShellLines(set).join('\n')}\n`)
  execFileSync('bash', ['-n', script])
  const { status, stderr } = spawnSync('sh', [script], {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, CROSSTRAIL_EXTERNAL_ID_Z: externalId },
    encoding: 'utf8',
  })
  const lines = existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : []
  return { status, stderr, calls: lines.map((line) => JSON.parse(line) as string[]) }
}

function option(call: readonly string[] | undefined, name: string): unknown {
  const value = call?.[call.indexOf(name) + 1]
  return JSON.parse(value ?? 'null') as unknown
}

const roleSet = (prefix = '') =>
  policySet({ inAccount: A, byBucketPolicy: false, keyArn: undefined, copyTo: undefined }, prefix)

test('creates the roles, with the documents of json and the external ID from the environment', () => {
  const shown = policySet({
    inAccount: A,
    byBucketPolicy: false,
    keyArn: undefined,
    copyTo: undefined,
    showExternalIds: true,
  })
  const documents = JSON.parse(
    JSON.stringify(shown.policies.map(({ document }) => document)).replaceAll('z-secret-external-id-9876', externalId),
  ) as unknown
  const { status, calls } = run(roleSet())
  expect(status).toBe(0)
  const creating = calls.filter(([, call]) => call === 'create-role' || call === 'put-role-policy')
  expect(
    creating.map((call) =>
      option(call, call[1] === 'create-role' ? '--assume-role-policy-document' : '--policy-document'),
    ),
  ).toEqual(documents)
  expect(calls.find((call) => call.includes('--max-session-duration'))?.slice(0, 4)).toEqual([
    'iam',
    'create-role',
    '--role-name',
    'CloudTrailLogs-Z',
  ])
})

test('updates the trust policy of an existing role', () => {
  const { calls } = run(roleSet(), { roles: true })
  expect(calls.map(([, call]) => call)).not.toContain('create-role')
  expect(calls.filter(([, call]) => call === 'update-assume-role-policy')).toHaveLength(3)
})

test('takes a prefix with quotes, dollars and letters of any alphabet', () => {
  const prefix = `it's "$HOME" \`id\` 漢`
  const { status, calls } = run(roleSet(prefix))
  expect(status).toBe(0)
  const put = calls.find(([, call]) => call === 'put-role-policy')
  expect(JSON.stringify(option(put, '--policy-document'))).toContain(`it's \\"\${$}HOME\\" \`id\` 漢/AWSLogs/`)
})

test('changes nothing if the keys belong to another account', () => {
  const { status, stderr, calls } = run(roleSet(), { account: '999999999999' })
  expect(status).toBe(1)
  expect(stderr).toContain('the AWS keys belong to account 999999999999, not to 111111111111')
  expect(calls.map(([, call]) => call)).toEqual(['get-caller-identity'])
})

test('keeps the statements of one account when another gets the same', () => {
  const [first, second] = sharers.slice(0, 2).map(({ label }) => ({ accounts: [label], kinds: ['bucket' as const] }))
  const none = { refusal: 'NoSuchBucketPolicy' }
  const given = option(run(policySet(first), none).calls.at(-1), '--policy') as { Statement: readonly unknown[] }
  rmSync(join(folder, 'calls'))
  const both = option(run(policySet(second), { policy: JSON.stringify(given) }).calls.at(-1), '--policy')
  expect(given.Statement.length).toBeGreaterThan(0)
  expect(both).toMatchObject({ Statement: expect.arrayContaining(given.Statement.slice()) })
})

test('creates the instance profile', () => {
  const { status, calls } = run(policySet({ inAccount: '333333333333' as never }), { account: '333333333333' })
  expect(status).toBe(0)
  expect(calls.map(([, call]) => call)).toEqual([
    'get-caller-identity',
    'get-role',
    'create-role',
    'get-instance-profile',
    'create-instance-profile',
    'add-role-to-instance-profile',
    'put-role-policy',
    'get-role',
    'create-role',
    'put-role-policy',
  ])
})

const cloudTrail = { Sid: 'AWSCloudTrailWrite', Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } }
const bucketSet = () => policySet({ kinds: ['bucket'] })

test("keeps the existing statements of a bucket's policy, and does not duplicate its own", () => {
  const ours = bucketSet().policies.flatMap(({ document }) => document.Statement)
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [cloudTrail, { ...ours[0], Action: 'old' }] })
  const { status, calls } = run(bucketSet(), { policy })
  expect(status).toBe(0)
  expect(option(calls.at(-1), '--policy')).toEqual({ Version: '2012-10-17', Statement: [cloudTrail, ...ours] })
})

test('creates the policy of a bucket that has none', () => {
  const { status, calls } = run(bucketSet(), { refusal: 'An error occurred (NoSuchBucketPolicy)' })
  expect(status).toBe(0)
  expect(calls.at(-1)?.[1]).toBe('put-bucket-policy')
})

test.each([
  ['cannot be read', { refusal: 'An error occurred (AccessDenied)' }],
  ['is not JSON', { policy: 'None' }],
])('does not overwrite a policy that %s', (_, answers) => {
  for (const kind of ['bucket', 'key'] as const) {
    const { status, calls } = run(policySet({ kinds: [kind] }), answers)
    expect(status).not.toBe(0)
    expect(calls.filter(([, call]) => call?.startsWith('put-'))).toEqual([])
    rmSync(join(folder, 'calls'))
  }
})
