import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { programName } from '../../src/identity/program-name.ts'

test.each([
  ['/opt/bin/get-creds --password hunter2', 'get-creds'],
  ['  aws-vault exec b', 'aws-vault'],
  ['C:\\tools\\get.exe x', 'get.exe'],
  ['./g++', 'g++'],
])('the program of %j is %s', (command, program) => {
  expect(programName(command)).toBe(program)
})

test.each([
  'VAULT_TOKEN=hvs.Super get-creds',
  'https://user:pw@vault/x|sh',
  'user:hunter2/x',
  '"/opt/my tools/get" x',
  '$(cat secret)',
  '/ends/with/',
  '',
])('%j shows no program name', (command) => {
  expect(programName(command)).toBe('…')
})

test('for any command, shows only the end of its first word, without any sign of a secret', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\w=:/@.$ \\-]{0,30}$/)), (command) => {
      const shown = programName(command)
      const [first = ''] = command.trim().split(/\s/)
      expect(shown === '…' || (first.endsWith(shown) && /^[\w.+-]+$/.test(shown) && !/[=@$]|:\/\//.test(first))).toBe(
        true,
      )
    }),
  )
})
