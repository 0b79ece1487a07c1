import { expect, test } from 'vitest'
import { commandList } from '../../src/cli/command-list.ts'
import { parseArguments } from '../../src/cli/parser.ts'

async function parsed(...argv: string[]) {
  const { commandName, positionals, given } = await parseArguments(argv, commandList)
  return { commandName, positionals, given: Object.fromEntries(given) }
}

test.each([
  [[], undefined, [], {}],
  [['list'], 'list', [], {}],
  [['list', 'B', 'C'], 'list', ['B', 'C'], {}],
  [['list', '--from', '2026-11-01'], 'list', [], { from: ['2026-11-01'] }],
  [['list', '--from=2026-11-01', 'B'], 'list', ['B'], { from: ['2026-11-01'] }],
  [['list', '--region', 'a', '--region', 'b', 'B'], 'list', ['B'], { region: ['a', 'b'] }],
  [['list', '--quiet', 'B'], 'list', ['B'], { quiet: ['true'] }],
  [['list', '--quiet=false'], 'list', [], { quiet: ['false'] }],
  [['--quiet', 'list', 'B'], 'list', ['B'], { quiet: ['true'] }],
  [['--from', '2026', 'list'], 'list', [], { from: ['2026'] }],
  [['list', '--', '--from'], 'list', ['--from'], {}],
  [['policy', 'B', '--check', '-'], 'policy', ['B'], { check: ['-'] }],
  [['policy', '--check', '-', 'B'], 'policy', ['B'], { check: ['-'] }],
  [['policy', '--quiet', '-'], 'policy', ['-'], { quiet: ['true'] }],
  [['list', '--from'], 'list', [], { from: [''] }],
  [['list', '--from', '--quiet'], 'list', [], { from: [''], quiet: ['true'] }],
  [['list', '--from', '2026-11-01', '--since', 'x'], 'list', [], { from: ['2026-11-01'], since: ['x'] }],
  [['list', '-o', 'json', 'B'], 'list', ['B'], { o: ['json'] }],
  [['list', '-o=json', '-v', 'B'], 'list', ['B'], { o: ['json'], v: ['true'] }],
  [['-v', 'list', 'B'], 'list', ['B'], { v: ['true'] }],
  [['-V'], undefined, [], { V: ['true'] }],
  [['list', 'download'], 'list', ['download'], {}],
  [['nonsense'], 'nonsense', [], {}],
])('%j is split into its parts', async (argv, commandName, positionals, given) => {
  expect(await parsed(...argv)).toEqual({ commandName, positionals, given })
})

test('passes what follows -- unchanged to a command that runs it', async () => {
  const argv = ['exec', '--quiet', 'B', '--', 'aws', '--output', 'json', '"a b"', '1e3', '', '--', '--constructor']
  const { commandName, positionals, commandLine, given } = await parseArguments(argv, commandList)
  expect({ commandName, positionals, given: Object.fromEntries(given) }).toEqual({
    commandName: 'exec',
    positionals: ['B'],
    given: { quiet: ['true'] },
  })
  expect(commandLine).toEqual(argv.slice(4))
})

test('a value that looks like a number stays a text', async () => {
  const { positionals, given } = await parsed('list', '012345678901', '--log-account', '012345678901')
  expect(positionals).toEqual(['012345678901'])
  expect(given).toEqual({ 'log-account': ['012345678901'] })
})

test('--no-color is an option, not a negation', async () => {
  expect((await parsed('list', '--no-color')).given).toEqual({ 'no-color': ['true'] })
})

test.each(['--dry-run=yes', '-dry-run=yes', '--dry-run=1', '--dry-run='])(
  'refuses %s instead of turning the flag off',
  async (argument) => {
    await expect(parsed('download', argument)).rejects.toMatchObject({ code: 'usage.invalid-value' })
  },
)

test.each(['--constructor', '--__proto__', '--_', '--$0', '--toString=x'])(
  'refuses %s, which is the name of a built-in',
  async (argument) => {
    await expect(parsed('list', argument, 'x')).rejects.toMatchObject({ code: 'usage.unknown-option' })
  },
)
