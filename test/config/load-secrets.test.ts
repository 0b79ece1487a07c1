import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { configProblems } from '../../src/config/problem.ts'
import { errorOf, loadText, withLines } from './written.ts'

function told(text: string, env: Record<string, string> = {}): string {
  const error = errorOf(() => loadText(text, env))
  return [error.message, error.hint, JSON.stringify(error.facts), JSON.stringify(configProblems(error))].join('\n')
}

const secret = 'wJalrXUtnFEMI K7MDENG bPxRfiCY'

it('an external ID with a forbidden character is masked', () => {
  expect(told(withLines([`externalId: "${secret}"`]))).toContain('got ****fiCY, expected 2 to 1,224')
})

it('an external ID written as a number is masked', () => {
  expect(told(withLines(['externalId: 1234567890123456']))).toMatch(/got \*\*\*\*3456, /)
})

it('the external ID of a hop is masked', () => {
  const hop = `via: [{ role: "arn:aws:iam::333333333333:role/Hop", externalId: "${secret}" }]`
  expect(told(withLines([hop]))).not.toContain(secret.slice(0, 20))
})

it.each([
  ['role', 'role: ${env:SECRET}'],
  ['sessionName', 'sessionName: a${env:SECRET}b'],
  ['reads', 'reads: ["${env:SECRET}"]'],
  ['tags', 'tags: { team: "${env:SECRET}!" }'],
  ['mfa', 'mfa: ${env:SECRET}'],
])('a value from the environment is masked in %s', (_field, line) => {
  const words = told(withLines([line]), { SECRET: secret })
  expect(words).toContain('got ****')
  expect(words).not.toContain(secret.slice(0, 20))
})

it('a wrong value under credentials is masked, because it may be a pasted key', () => {
  expect(told(withLines([`credentials: { env: "${secret}" }`]))).not.toContain(secret.slice(0, 20))
  expect(told(withLines([`credentials: "${secret}"`]))).not.toContain(secret.slice(0, 20))
})

it('a wrong value of mfaProcess is masked', () => {
  expect(told(withLines(['mfaProcess: 123456']))).not.toContain('123456')
})

it('the value of an unknown key is never shown', () => {
  expect(told(withLines([`secretAccessKey: "${secret}"`]))).not.toContain('wJalr')
})

it.each(['"\\q', '@', '"', '%', '*', '&a &b ', '!x ', '[', '{a: '])(
  'a syntax error after %j does not quote the file',
  (start) => {
    expect(told(withLines([`externalId: ${start}${secret}`]))).not.toContain('wJalr')
  },
)

it('no message shows more than the end of a masked value', () => {
  const secrets = fc.string({ unit: 'grapheme-ascii', minLength: 16, maxLength: 60 })
  fc.assert(
    fc.property(secrets, (value) => {
      fc.pre(!/^[\w+=,.@-]+$/.test(value))
      expect(told(withLines(['sessionName: "${env:SECRET}"']), { SECRET: value })).not.toContain(value.slice(0, -4))
    }),
    { numRuns: 100 },
  )
})

it.each(['123456', '"123456"', '"123 456"', '012345'])('the code %s instead of an MFA device is masked', (code) => {
  const words = told(withLines([`mfa: ${code}`]))
  expect(words).toContain('got ****')
  expect(words).not.toMatch(/123456|123 456|012345|456/)
})

it('any other wrong MFA device is shown', () => {
  expect(told(withLines(['mfa: "arn aws mfa"']))).toContain('arn aws mfa')
})

it('a password in the URL of a queue is masked', () => {
  const url = 'https://ana:hunter2@sqs.us-east-1.amazonaws.com/222222222222/q'
  for (const line of [`sqs: ${url}`, `sqs: { url: "${url}" }`]) {
    for (const text of [withLines([line]), withLines([], [line])]) {
      const words = told(text)
      expect(words).toContain('a URL with credentials')
      expect(words).not.toContain('hunter2')
    }
  }
})
