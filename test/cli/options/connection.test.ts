import { expect, test } from 'vitest'
import { commandList } from '../../../src/cli/command-list.ts'

/** The commands that have an option. */
function having(option: string): string[] {
  return commandList.filter(({ options }) => option in options).map(({ name }) => name)
}

test('threads are an option of the one command that uses them', () => {
  expect(having('threads')).toEqual(['download'])
})

test('who only opens a session has no option on calls in flight, and still has those on each call', () => {
  const others = having('timeout').filter((name) => !having('concurrency').includes(name))
  expect(others).toEqual(['creds', 'exec'])
  expect(having('max-attempts')).toEqual(having('timeout'))
})
