import { expect, test } from 'vitest'
import { commandList } from '../../../src/cli/command-list.ts'

function having(option: string): string[] {
  return commandList.filter(({ options }) => option in options).map(({ name }) => name)
}

test('only commands that use threads have --threads', () => {
  expect(having('threads')).toEqual(['download', 'verify', 'events', 'report', 'worker'])
})

test('commands that only open a session have no --concurrency, but the options for each request', () => {
  const others = having('timeout').filter((name) => !having('concurrency').includes(name))
  expect(others).toEqual(['creds', 'exec'])
  expect(having('max-attempts')).toEqual(having('timeout'))
})
