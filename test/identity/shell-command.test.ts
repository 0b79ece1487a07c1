import { expect, test } from 'vitest'

import { runShell } from '../../src/identity/shell-command.ts'
import { caught } from './caught.ts'

test('returns the output of a command, but not its stderr', async () => {
  expect(await runShell('echo out; echo complaint >&2', { account: 'B' })).toEqual({ stdout: 'out\n' })
})

test.each([
  ['exit 7', 'ended with 7'],
  ['kill -9 $$', 'was killed by SIGKILL'],
  ['no-such-command-anywhere 2>/dev/null', 'ended with 127'],
])('the command %s %s', async (command, ended) => {
  expect(await runShell(command, { account: 'B' })).toEqual({ ended })
})

test('a command that reads its input finds it empty', async () => {
  expect(await runShell('read line || echo none', { account: 'B' })).toEqual({ stdout: 'none\n' })
})

test('kills a command that takes too long, and says so', async () => {
  expect(await runShell('sleep 30', { account: 'B', timeoutMs: 100 })).toEqual({
    ended: 'did not end within 0.1 seconds',
  })
})

test('an abort ends the command', async () => {
  expect((await caught(runShell('sleep 30', { account: 'B', signal: AbortSignal.timeout(50) }))).code).toBe(
    'interrupted',
  )
})
