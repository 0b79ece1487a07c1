import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CredentialFormat, credentialLines } from '../../../src/cli/render/credential-lines.ts'

const about = { account: 'B', assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/R/s', region: 'us-east-1' }
const keys = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'abc+/def',
  sessionToken: 'token==',
  expiresAtMs: Date.UTC(2026, 10, 1, 12, 0, 0, 987),
}

test.each<[CredentialFormat, string[]]>([
  [
    'env',
    [
      'export AWS_ACCESS_KEY_ID=ASIAEXAMPLE',
      'export AWS_SECRET_ACCESS_KEY=abc+/def',
      'export AWS_SESSION_TOKEN=token==',
      'export AWS_CREDENTIAL_EXPIRATION=2026-11-01T12:00:00Z',
    ],
  ],
  [
    'env-no-export',
    [
      'AWS_ACCESS_KEY_ID=ASIAEXAMPLE',
      'AWS_SECRET_ACCESS_KEY=abc+/def',
      'AWS_SESSION_TOKEN=token==',
      'AWS_CREDENTIAL_EXPIRATION=2026-11-01T12:00:00Z',
    ],
  ],
  [
    'powershell',
    [
      "$Env:AWS_ACCESS_KEY_ID='ASIAEXAMPLE'",
      "$Env:AWS_SECRET_ACCESS_KEY='abc+/def'",
      "$Env:AWS_SESSION_TOKEN='token=='",
      "$Env:AWS_CREDENTIAL_EXPIRATION='2026-11-01T12:00:00Z'",
    ],
  ],
  [
    'fish',
    [
      "set -gx AWS_ACCESS_KEY_ID 'ASIAEXAMPLE'",
      "set -gx AWS_SECRET_ACCESS_KEY 'abc+/def'",
      "set -gx AWS_SESSION_TOKEN 'token=='",
      "set -gx AWS_CREDENTIAL_EXPIRATION '2026-11-01T12:00:00Z'",
    ],
  ],
  [
    'windows-cmd',
    [
      'set AWS_ACCESS_KEY_ID=ASIAEXAMPLE',
      'set AWS_SECRET_ACCESS_KEY=abc+/def',
      'set AWS_SESSION_TOKEN=token==',
      'set AWS_CREDENTIAL_EXPIRATION=2026-11-01T12:00:00Z',
    ],
  ],
])('%s', (format, lines) => {
  expect(credentialLines(format, keys, about)).toEqual(lines)
})

test('process has only the fields of the contract, in its order', () => {
  expect(credentialLines('process', keys, about)).toEqual([
    '{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"abc+/def","SessionToken":"token==","Expiration":"2026-11-01T12:00:00Z"}',
  ])
})

test('json names the account and the role', () => {
  expect(credentialLines('json', keys, about).map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      ...about,
      AccessKeyId: 'ASIAEXAMPLE',
      SecretAccessKey: 'abc+/def',
      SessionToken: 'token==',
      Expiration: '2026-11-01T12:00:00Z',
    },
  ])
})

const printable = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
})

test('a POSIX shell reads any printable token as one word and runs nothing', () => {
  fc.assert(
    fc.property(printable, (sessionToken) => {
      const lines = credentialLines('env', { ...keys, sessionToken }, about)
      const shell = spawnSync('sh', ['-c', `${lines.join('\n')}\nprintenv AWS_SESSION_TOKEN`], { encoding: 'utf8' })
      expect(shell.stdout).toBe(`${sessionToken}\n`)
    }),
    { numRuns: 60, examples: [["';touch${IFS}x;'"], ['$(id)'], ['`id`'], ['"'], ['\\']] },
  )
})

test('powershell and fish keep quotes and backslashes in one word', () => {
  const odd = { ...keys, sessionToken: String.raw`a'b\c$d` }
  expect(credentialLines('powershell', odd, about)[2]).toBe(String.raw`$Env:AWS_SESSION_TOKEN='a''b\c$d'`)
  expect(credentialLines('fish', odd, about)[2]).toBe(String.raw`set -gx AWS_SESSION_TOKEN 'a\'b\\c$d'`)
})

test.each<[CredentialFormat, string]>([
  ['env', 'a\nexport PATH=/evil'],
  ['process', 'a b'],
  ['fish', '\u001b[2J'],
  ['windows-cmd', 'a&calc'],
  ['windows-cmd', '%PATH%'],
])('%s refuses a token like %j without showing it', (format, sessionToken) => {
  expect(() => credentialLines(format, { ...keys, sessionToken }, about)).toThrow(
    expect.objectContaining({
      code: 'access.unprintable-credentials',
      message: `the credentials of account B contain characters that cannot be written as ${format}`,
    }),
  )
})
