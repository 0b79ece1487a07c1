import { expect, test } from 'vitest'
import { isAccountId } from '../../src/trail/account-id.ts'

test('an account id may begin with 0', () => {
  expect(isAccountId('000000000001')).toBe(true)
})

test.each(['', '12345678901', '1234567890123', '12345678901a', '123456789012\n', '１２３４５６７８９０１２'])(
  '"%s" is not an account id',
  (text) => {
    expect(isAccountId(text)).toBe(false)
  },
)
