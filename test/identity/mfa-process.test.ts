import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { mfaProcessCode } from '../../src/identity/mfa-process.ts'
import { mfaAsker } from '../../src/identity/mfa.ts'
import { caught, everythingOf } from './caught.ts'

const account = 'Z'
const serial = 'arn:aws:iam::444444444444:mfa/ana'
/** A time just before a device shows its next code. */
const endOfStep = () => 29_999

/** A command that prints the codes in turn and repeats the last one. `runs` counts. */
function device(...codes: string[]): { readonly command: string; readonly runs: () => number } {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-mfa-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const log = join(folder, 'log')
  appendFileSync(log, '')
  const choices = codes.map((code, index) => `${index + 1 < codes.length ? index + 1 : '*'}) echo ${code};;`).join(' ')
  return {
    command: `echo x >> ${log}; case $(grep -c x ${log}) in ${choices} esac`,
    runs: () => readFileSync(log, 'utf8').length / 2,
  }
}

test.each(['echo 123456', 'printf 123456', 'echo " 123 456 "'])('%s gives a code', async (command) => {
  expect(await mfaProcessCode(command, { account })).toBe('123456')
})

test.each([
  ['echo 12345', 'printed 5 characters instead of six digits'],
  ['echo "code: 123456"', 'printed 11 characters instead of six digits'],
  ['true', 'printed 0 characters instead of six digits'],
  ['exit 3', 'ended with 3'],
])('rejects the command %s, which %s', async (command, what) => {
  expect(await caught(mfaProcessCode(command, { account }))).toMatchObject({
    code: 'access.mfa-process-failed',
    message: expect.stringContaining(what),
    hint: expect.stringContaining('six digits'),
  })
})

test('the error contains neither the command nor its output', async () => {
  const error = await caught(
    mfaProcessCode('echo JBSWY3DPEHPK3PXP >&2; echo 98765x; : --password=hunter2', { account }),
  )
  expect(everythingOf(error)).not.toMatch(/JBSWY3DPEHPK3PXP|98765|hunter2/)
})

test('names the program if the first word is clearly a path', async () => {
  const error = await caught(mfaProcessCode('/usr/bin/false --oath secret', { account }))
  expect(error.message).toBe('the mfaProcess false of account Z ended with 1')
})

test('waits for the next code instead of sending a used code again', async () => {
  const { command, runs } = device('111111', '222222')
  expect(await mfaProcessCode(command, { account, usedCode: '111111', now: endOfStep })).toBe('222222')
  expect(runs()).toBe(2)
})

test('returns what the device shows after the wait, even the same code', async () => {
  expect(await mfaProcessCode('echo 111111', { account, usedCode: '111111', now: endOfStep })).toBe('111111')
})

test('an abort ends the wait', async () => {
  const waiting = mfaProcessCode('echo 111111', { account, usedCode: '111111', signal: AbortSignal.timeout(300) })
  expect((await caught(waiting)).code).toBe('interrupted')
})

test('uses the given code first, then the command, and asks no person', async () => {
  const ask = mfaAsker({ code: '123456', prompt: () => Promise.reject(new Error('asked a person')) })
  const by = { command: 'echo 654321' }
  expect([await ask(serial, account, by), await ask(serial, account, by)]).toEqual(['123456', '654321'])
})

test('reports a command that fails and asks no person instead', async () => {
  const ask = mfaAsker({ prompt: async () => '123456' })
  expect((await caught(ask(serial, account, { command: 'false' }))).code).toBe('access.mfa-process-failed')
})

test('gives two accounts with the same device two codes', async () => {
  const { command } = device('111111', '111111', '222222')
  const ask = mfaAsker({ now: endOfStep })
  expect(await Promise.all([ask(serial, 'Y', { command }), ask(serial, 'Z', { command })])).toEqual([
    '111111',
    '222222',
  ])
})

test('accepts the same code from two devices', async () => {
  const ask = mfaAsker({})
  const by = { command: 'echo 111111' }
  expect(await Promise.all([ask(serial, 'Y', by), ask(`${serial}2`, 'Z', by)])).toEqual(['111111', '111111'])
})
