import { expect, test } from 'vitest'

import { mfaAsker } from '../../src/identity/mfa.ts'
import { caught, everythingOf } from './caught.ts'

const serial = 'arn:aws:iam::444444444444:mfa/ana'

test('a given code answers the first ask, a person the next', async () => {
  const ask = mfaAsker({ code: '123456', prompt: async () => '654321' })
  expect([await ask(serial, 'Z'), await ask(serial, 'Z')]).toEqual(['123456', '654321'])
})

test('a given code serves one account only', async () => {
  const ask = mfaAsker({ code: '123456' })
  await ask(serial, 'Z')
  const error = await caught(ask(serial, 'B'))
  expect(error.code).toBe('access.mfa-no-terminal')
  expect(error.message).toContain('used for account Z')
})

test('nobody to ask is an error that names the flag', async () => {
  const error = await caught(mfaAsker({})(serial, 'Z'))
  expect(error).toMatchObject({ code: 'access.mfa-no-terminal', hint: expect.stringContaining('--mfa-code') })
})

test.each(['12345', '1234567', '12345a', '', '１２３４５６'])('%j is no code', async (code) => {
  const error = await caught(mfaAsker({ prompt: async () => code })(serial, 'Z'))
  expect(error.code).toBe('access.mfa-malformed')
})

test('a malformed code is not repeated in the error', async () => {
  expect(everythingOf(await caught(mfaAsker({ code: '98765x' })(serial, 'Z')))).not.toContain('98765x')
})

test('blanks around a typed code are forgiven', async () => {
  expect(await mfaAsker({ prompt: async () => ' 123456\n' })(serial, 'Z')).toBe('123456')
})

test('two accounts are asked one after the other, also after a question without an answer', async () => {
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
