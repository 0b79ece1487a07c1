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
  expect((await caught(ask(serial, 'B'))).code).toBe('access.mfa-no-terminal')
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
