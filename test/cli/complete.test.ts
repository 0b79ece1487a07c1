import { expect, test } from 'vitest'
import { commandList } from '../../src/cli/command-list.ts'
import { complete, completionLines, typedWords } from '../../src/cli/complete.ts'

async function words(...typed: string[]) {
  const candidates = await complete(typed, commandList, () => Promise.resolve(['B', 'C', 'Z']))
  return candidates.map(({ word }) => word)
}

test('commands come first', async () => {
  expect(await words('')).toEqual(commandList.map(({ name }) => name))
  expect(await words('dow')).toEqual(['download'])
})

test("a dash offers the command's options", async () => {
  expect(await words('list', '--s')).toEqual(['--summary', '--sorted'])
})

test('an option that is one of a few words offers them', async () => {
  expect(await words('list', '--output', '')).toEqual(['table', 'json', 'csv'])
  expect(await words('download', '--layout', 'f')).toEqual(['flat'])
})

test('an option with a free value leaves the shell to offer files', async () => {
  expect(await words('list', '--config', '')).toEqual([])
})

test('accounts of the config are offered', async () => {
  expect(await words('list', 'B', '')).toEqual(['B', 'C', 'Z'])
})

test('zsh and fish get descriptions, bash does not', () => {
  const candidates = [{ word: 'a:b', description: 'Test' }]
  expect(completionLines(candidates, '/bin/bash')).toEqual(['a:b'])
  expect(completionLines(candidates, '/bin/zsh')).toEqual(['a\\:b:Test'])
  expect(completionLines(candidates, '/usr/bin/fish')).toEqual(['a:b\tTest'])
})

test('the first word that is a command is the command', async () => {
  expect(await words('download', '--to', 'list', '--dry')).toEqual(['--dry-run'])
})

test.each([
  ['/bin/bash', ['/usr/local/bin/crosstrail', 'li'], ['li']],
  ['/bin/zsh', ['alias', 'li'], ['li']],
  ['/usr/bin/fish', ['li'], ['li']],
  ['/usr/bin/fish', ['crosstrail', 'li'], ['li']],
  [undefined, ['crosstrail', 'li'], ['li']],
])('%s hands over %j', (shell, handed, typed) => {
  expect(typedWords(handed, shell)).toEqual(typed)
})

test('behind -- another program has the word', async () => {
  expect(await words('exec', '')).toEqual(['B', 'C', 'Z'])
  expect(await words('exec', 'B', '--', '')).toEqual([])
  expect(await words('exec', 'B', '--', 'aws', '--o')).toEqual([])
})
