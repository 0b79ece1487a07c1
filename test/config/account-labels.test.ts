import { expect, test } from 'vitest'
import { accountsByLabel } from '../../src/config/account-labels.ts'
import { config } from '../cli/fixture.ts'

test('without labels, returns all accounts', () => {
  expect(accountsByLabel(config, []).map(({ label }) => label)).toEqual(['B', 'Z'])
})

test('labels select accounts, in the order of the config', () => {
  expect(accountsByLabel(config, ['Z', 'B']).map(({ label }) => label)).toEqual(['B', 'Z'])
})

test('an unknown label is refused, and the hint lists the known ones', () => {
  expect(() => accountsByLabel(config, ['B', 'X'])).toThrow(
    expect.objectContaining({
      code: 'usage.unknown-account',
      message: 'the config has no account "X"',
      hint: 'it has B, Z',
    }),
  )
})
