import { expect, test } from 'vitest'
import { accounts } from '../../src/cli/commands/accounts.ts'
import { versionCommand } from '../../src/cli/commands/version.ts'
import { refuseExtraPositionals } from '../../src/cli/positionals.ts'

test('a command on accounts takes any number of them', () => {
  expect(() => refuseExtraPositionals(accounts, ['B', 'C', 'Z'])).not.toThrow()
})

test('a command without arguments refuses the first', () => {
  expect(() => refuseExtraPositionals(versionCommand, ['bash'])).toThrow('version does not take the argument "bash"')
})
