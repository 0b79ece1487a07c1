import { expect, test } from 'vitest'

import { runShell } from '../../src/identity/shell-command.ts'
import { caught } from './caught.ts'

test('what a command prints is given, what it complains about is not', async () => {
  expect(await runShell('echo out; echo complaint >&2', { account: 'B' })).toEqual({ stdout: 'out\n' })
})

test.each([
  ['exit 7', 'ended with 7'],
  ['kill -9 $$', 'was killed by SIGKILL'],
  ['no-such-command-anywhere 2>/dev/null', 'ended with 127'],
])('%s: it %s', async (command, ended) => {
  expect(await runShell(command, { account: 'B' })).toEqual({ ended })
})

test('a command that asks on its input finds it at its end', async () => {
  expect(await runShell('read line || echo none', { account: 'B' })).toEqual({ stdout: 'none\n' })
})

test('a command that takes too long is killed, and that is said', async () => {
  expect(await runShell('sleep 30', { account: 'B', timeoutMs: 100 })).toEqual({
    ended: 'did not end within 0.1 seconds',
  })
})

test('an aborted run ends the command', async () => {
  expect((await caught(runShell('sleep 30', { account: 'B', signal: AbortSignal.timeout(50) }))).code).toBe(
    'interrupted',
  )
})
