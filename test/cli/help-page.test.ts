import { expect, test } from 'vitest'
import { commandList } from '../../src/cli/command-list.ts'
import { commandHelp } from '../../src/cli/help-page.ts'
import { runCli } from './host.ts'

test.each(commandList.map(({ name }) => name))('the help of %s matches its file', async (name) => {
  const { code, stdout, stderr } = await runCli(`${name} --help`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await expect(stdout).toMatchFileSnapshot(`help/${name}.txt`)
})

test('the general help names every command', async () => {
  const { stdout } = await runCli('-h')
  await expect(stdout).toMatchFileSnapshot('help/crosstrail.txt')
})

test.each([40, 60, 80, 100, 200])('no line of text is wider than a terminal of %d columns', (columns) => {
  for (const command of commandList) {
    const prose = commandHelp(command, columns)
      .split('\n')
      .filter((line) => !line.includes('$ '))
    expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(Math.min(120, Math.max(60, columns)))
  }
})

test('every command accepts its own examples', async () => {
  const { parseArguments } = await import('../../src/cli/parser.ts')
  const { readOptions } = await import('../../src/cli/read-options.ts')
  for (const command of commandList) {
    for (const { line } of command.examples) {
      const [, ...argv] = [...line.replace(/ >>.*$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, quoted, bare]) => quoted ?? bare ?? '',
      )
      const { commandName, positionals, commandLine, given } = await parseArguments(argv, commandList)
      expect(commandName).toBe(command.name)
      const values = readOptions(command.options, given, {})
      expect(() => command.check(values, positionals, Date.now(), commandLine)).not.toThrow()
    }
  }
})
