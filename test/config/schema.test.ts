import { expect, it } from 'vitest'

import { loadText, problemsOf, withLines } from './written.ts'

const x = (length: number): string => 'x'.repeat(length)
const role = 'arn:aws:iam::111111111111:role/R'

it.each([
  ['id', 'externalId: ab'],
  ['an external ID of 1,224', `externalId: ${x(1224)}`],
  ['every character of an external ID', 'externalId: "aZ09_+=,.@:/-"'],
  ['a session name of 64', `sessionName: ${x(64)}`],
  ['seconds', 'duration: 900'],
  ['seconds as text', 'duration: "43200"'],
  ['hours', 'duration: 12h'],
  ['hours and minutes', 'duration: 1h30m'],
  ['an MFA serial', 'mfa: GAHT12345678'],
  ['a command that prints codes', 'mfaProcess: ykman oath accounts code --single aws'],
  ['an MFA ARN', 'mfa: arn:aws:iam::444444444444:mfa/ana'],
  ['a source identity', 'sourceIdentity: ana@example.com'],
  ['a tag with an empty value', 'tags: { "cost center": "" }'],
  ['a list of accounts', 'reads: ["333333333333", "044444444444"]'],
  ['an STS region', 'stsRegion: eu-central-1'],
  ['hops', `via: [${role}, { role: "${role}", externalId: abc, sessionName: hop, duration: 1h }]`],
  ['a role with a path', 'role: arn:aws:iam::111111111111:role/audit/logs/R'],
  ['env', 'credentials: { env: true }'],
  ['sso', 'credentials: { sso: audit }'],
  ['ecs', 'credentials: { ecs: true }'],
  ['chain', 'credentials: { chain: true }'],
  ['process', 'credentials: { process: "get-keys --json" }'],
  ['webIdentity', `credentials: { webIdentity: { tokenFile: /t, role: "${role}" } }`],
])('accepts %s: %s', (_what, line) => {
  expect(loadText(withLines([line])).accounts).toHaveLength(1)
})

it.each([
  ['externalId: a'],
  [`externalId: ${x(1225)}`],
  ['externalId: "a b"'],
  ['externalId: "ab\\n"'],
  ['externalId: "äb"'],
  ['externalId:'],
  ['sessionName: a'],
  [`sessionName: ${x(65)}`],
  ['sessionName: a/b'],
  ['duration: 899'],
  ['duration: 43201'],
  ['duration: 900.5'],
  ['duration: 13h'],
  ['duration: soon'],
  ['duration: true'],
  ['duration: []'],
  ['mfa: "12345678"'],
  ['mfaProcess: " "'],
  ['mfaProcess: [ykman, oath]'],
  [`mfa: ${x(257)}`],
  ['sourceIdentity: a'],
  ['tags: [a]'],
  ['reads: []'],
  ['reads: both'],
  ['reads: "333333333333"'],
  ['allow: []'],
  ['allow: list'],
  ['stsRegion: mars'],
  ['via: role'],
  ['credentials: ec2'],
  ['credentials: {}'],
  ['role: arn:aws:sts::111111111111:assumed-role/R/s'],
  ['role: arn:aws:iam::111111111111:user/ana'],
  ['role: arn:aws:iam::11111111111:role/R'],
])('refuses %s', (line) => {
  expect(problemsOf(withLines([line]))).toHaveLength(1)
})

it.each([
  ['credentials: { env: false }', 'accounts.B.credentials.env'],
  ['credentials: { profile: "" }', 'accounts.B.credentials.profile'],
  [
    'credentials: { webIdentity: { role: "arn:aws:iam::111111111111:role/R" } }',
    'accounts.B.credentials.webIdentity.tokenFile',
  ],
  ['tags: { a: 1 }', 'accounts.B.tags.a'],
  [`tags: { a: ${x(257)} }`, 'accounts.B.tags.a'],
  ['allow: [list, purge]', 'accounts.B.allow[1]'],
  ['reads: ["1"]', 'accounts.B.reads[0]'],
  ['via: [nobody]', 'accounts.B.via[0]'],
  ['via: [{ role: nobody }]', 'accounts.B.via[0].role'],
])('%s is wrong at %s', (line, at) => {
  expect(problemsOf(withLines([line]))).toEqual([expect.stringContaining(` ${at}: `)])
})

it.each(['ab', 'Logs', 'logs_a', '-logs', 'logs-', 'a..b', '192.168.0.1', 'a'.repeat(64)])(
  '%s is not a bucket',
  (bucket) => {
    const text = withLines().replace('example-cloudtrail-logs', bucket)
    expect(problemsOf(text)).toEqual(['2:11 trail.bucket: wrong value'])
  },
)

it.each(['abc', 'a.b-c', 'a'.repeat(63), '192.168.0.1a'])('%s is a bucket', (bucket) => {
  expect(loadText(withLines().replace('example-cloudtrail-logs', bucket)).trail.bucket).toBe(bucket)
})

it.each([
  ['region: us-east', 'trail.region'],
  ['organization: exampleorgid', 'trail.organization'],
  ['requesterPays: "yes"', 'trail.requesterPays'],
  ['prefix: 7', 'trail.prefix'],
])('%s is wrong at %s', (line, at) => {
  expect(problemsOf(withLines([], [line]))).toEqual([expect.stringContaining(` ${at}: `)])
})
