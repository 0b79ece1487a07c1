import { expect, test } from 'vitest'

import { mfaAsker } from '../../src/identity/mfa.ts'
import { caught, everythingOf } from './caught.ts'

const serial = 'arn:aws:iam::444444444444:mfa/ana'

test('uses the given code for the first request and asks a person for the next', async () => {
  const ask = mfaAsker({ code: '123456', prompt: async () => '654321' })
  expect([await ask(serial, 'Z'), await ask(serial, 'Z')]).toEqual(['123456', '654321'])
})

test('uses the given code for one account only', async () => {
  const ask = mfaAsker({ code: '123456' })
  await ask(serial, 'Z')
  const error = await caught(ask(serial, 'B'))
  expect(error.code).toBe('access.mfa-no-terminal')
  expect(error.message).toContain('used for account Z')
})

test('the error without a terminal names the flag', async () => {
  const error = await caught(mfaAsker({})(serial, 'Z'))
  expect(error).toMatchObject({ code: 'access.mfa-no-terminal', hint: expect.stringContaining('--mfa-code') })
})

test.each(['12345', '1234567', '12345a', '', '１２３４５６'])('rejects %j as a code', async (code) => {
  const error = await caught(mfaAsker({ prompt: async () => code })(serial, 'Z'))
  expect(error.code).toBe('access.mfa-malformed')
})

test('the error does not repeat a malformed code', async () => {
  expect(everythingOf(await caught(mfaAsker({ code: '98765x' })(serial, 'Z')))).not.toContain('98765x')
})

test('accepts spaces around a typed code', async () => {
  expect(await mfaAsker({ prompt: async () => ' 123456\n' })(serial, 'Z')).toBe('123456')
})

test('asks for one account after the other, even after a question that failed', async () => {
  const asked: string[] = []
  const answers: PromiseWithResolve[] = []
  const ask = mfaAsker({
    prompt: (_, account) => {
      asked.push(account)
      return new Promise((resolve, reject) => answers.push({ resolve, reject }))
    },
  })
  const [first, second] = [ask(serial, 'Y').catch(() => 'none'), ask(serial, 'Z')]
  await settled()
  expect(asked).toEqual(['Y'])
  answers[0]?.reject(new Error('no answer'))
  expect(await first).toBe('none')
  await settled()
  expect(asked).toEqual(['Y', 'Z'])
  answers[1]?.resolve('222222')
  expect(await second).toBe('222222')
})

interface PromiseWithResolve {
  resolve(code: string): void
  reject(error: Error): void
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
