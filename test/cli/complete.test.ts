import { expect, test } from 'vitest'
import { commandList } from '../../src/cli/command-list.ts'
import { bashWords, complete, completionLines } from '../../src/cli/complete.ts'

async function words(...typed: string[]) {
  const candidates = await complete(typed, commandList, {
    accounts: () => Promise.resolve(['B', 'C', 'Z']),
    regions: () => Promise.resolve(['eu-west-1', 'us-east-1', 'us-west-2']),
  })
  return candidates.map(({ word }) => word)
}

test('the first word is a command', async () => {
  expect(await words('')).toEqual(commandList.map(({ name }) => name))
  expect(await words('dow')).toEqual(['download'])
})

test('help is followed by a command', async () => {
  expect(await words('help', '')).toEqual(commandList.map(({ name }) => name))
  expect(await words('help', 'dow')).toEqual(['download'])
})

test('completion is followed by a shell', async () => {
  expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish'])
})

test("a dash offers the command's options", async () => {
  expect(await words('list', '--s')).toEqual(['--summary', '--sorted', '--shard'])
})

test.each([
  [
    ['list', '--output', ''],
    ['table', 'json', 'csv'],
  ],
  [['list', '-o', 'j'], ['json']],
  [
    ['list', '--output='],
    ['--output=table', '--output=json', '--output=csv'],
  ],
  [['list', '--output=j'], ['--output=json']],
  [['list', '-o=j'], ['-o=json']],
  [['download', '--layout', 'f'], ['flat']],
  [['list', '--kind', 'digest,e'], ['digest,events']],
  [['list', '--no-such-option='], []],
  [['list', '--summary='], []],
])('%j is completed by the choices of the option: %j', async (typed, offered) => {
  expect(await words(...typed)).toEqual(offered)
})

test.each([
  [
    ['list', '--region', ''],
    ['eu-west-1', 'us-east-1', 'us-west-2'],
  ],
  [
    ['list', '--region=us'],
    ['--region=us-east-1', '--region=us-west-2'],
  ],
  [['list', '--region', 'eu-west-1,us-w'], ['eu-west-1,us-west-2']],
  [['init', '--bucket-region', 'eu'], ['eu-west-1']],
  [['copy', '--to-region', 'eu'], ['eu-west-1']],
  [['pull', '--to-region', 'eu'], ['eu-west-1']],
])('%j is completed by regions: %j', async (typed, offered) => {
  expect(await words(...typed)).toEqual(offered)
})

test('an option with a free value leaves the shell to offer files', async () => {
  expect(await words('list', '--config', '')).toEqual([])
  expect(await words('list', '--config=')).toEqual([])
})

test.each([
  [
    ['list', 'B', ''],
    ['B', 'C', 'Z'],
  ],
  [
    ['pull', ''],
    ['status', 'B', 'C', 'Z'],
  ],
  [
    ['exec', ''],
    ['B', 'C', 'Z'],
  ],
  [['copy', '--to-account', 'Z'], ['Z']],
])('%j is completed by accounts of the config: %j', async (typed, offered) => {
  expect(await words(...typed)).toEqual(offered)
})

test('zsh and fish get descriptions, bash does not', () => {
  const candidates = [{ word: 'a:b', description: 'Test' }]
  expect(completionLines(candidates, 'bash')).toEqual(['a:b'])
  expect(completionLines(candidates, 'zsh')).toEqual(['a\\:b:Test'])
  expect(completionLines(candidates, 'fish')).toEqual(['a:b\tTest'])
})

test('the first word that is a command is the command', async () => {
  expect(await words('download', '--to', 'list', '--dry')).toEqual(['--dry-run'])
})

test.each([
  [['list', '--output', '='], ['list', '--output='], '--output='],
  [['list', '--output', '=', 'js'], ['list', '--output=js'], '--output='],
  [['list', '--output', '=', 'json', 'B', ''], ['list', '--output=json', 'B', ''], ''],
  [['list', '--output', '=', 'json', ''], ['list', '--output=json', ''], ''],
  [['list', '--output=js'], ['list', '--output=js'], ''],
  [['list', 'a', '=', 'b'], ['list', 'a', '=', 'b'], ''],
  [['li'], ['li'], ''],
])('joins %j from bash to %j, and keeps %j', (handed, typed, replaced) => {
  expect(bashWords(handed)).toEqual({ words: typed, replaced })
})

test('offers nothing after --', async () => {
  expect(await words('exec', 'B', '--', '')).toEqual([])
  expect(await words('exec', 'B', '--', 'aws', '--o')).toEqual([])
})
