import { expect, test } from 'vitest'
import { commandList } from '../../../src/cli/command-list.ts'

function having(option: string): string[] {
  return commandList.filter(({ options }) => option in options).map(({ name }) => name)
}

test('only the command that uses threads has --threads', () => {
  expect(having('threads')).toEqual(['download'])
})

test('commands that only open a session have no --concurrency, but the options for each request', () => {
  const others = having('timeout').filter((name) => !having('concurrency').includes(name))
  expect(others).toEqual(['creds', 'exec'])
  expect(having('max-attempts')).toEqual(having('timeout'))
})
