import { expect, test } from 'vitest'
import { accountsByLabel } from '../../src/config/account-labels.ts'
import { config } from '../cli/fixture.ts'

test('no label means all accounts', () => {
  expect(accountsByLabel(config, []).map(({ label }) => label)).toEqual(['B', 'Z'])
})

test('labels choose accounts, in the order of the config', () => {
  expect(accountsByLabel(config, ['Z', 'B']).map(({ label }) => label)).toEqual(['B', 'Z'])
})

test('an unknown label is refused with those that exist', () => {
  expect(() => accountsByLabel(config, ['B', 'X'])).toThrow(
    expect.objectContaining({
      code: 'usage.unknown-account',
      message: 'the config has no account "X"',
      hint: 'it has B, Z',
    }),
  )
})
