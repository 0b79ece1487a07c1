import { expect, test } from 'vitest'
import { recordedCommand } from '../../src/cli/recorded-command.ts'

test('a command is recorded as it was typed', () => {
  const argv = ['verify', 'B', '--evidence', 'my evidence', '--last=7d', '--timestamp-url', 'https://tsa.example.com/']
  expect(recordedCommand(argv)).toEqual(['crosstrail', ...argv])
})

test.each([
  [
    ['--mfa-code', '123456', '--verbose'],
    ['--mfa-code', '****', '--verbose'],
  ],
  [['--mfa-code=123456'], ['--mfa-code=****']],
  [
    ['--timestamp-url', 'https://tsa.example.com/x?k=1\n2'],
    ['--timestamp-url', 'https://tsa.example.com/x?****'],
  ],
  [['--timestamp-url=https://tsa.example.com/x?k=1'], ['--timestamp-url=https://tsa.example.com/x?****']],
])('the record of %j has no secret', (argv, recorded) => {
  expect(recordedCommand(argv)).toEqual(['crosstrail', ...recorded])
})
