import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { terminalMfaPrompt } from '../../src/cli/prompt.ts'
import { Sink } from './host.ts'

function terminal(stdinTerminal = true, stderrTerminal = true) {
  const stdin = Object.assign(new PassThrough(), { isTTY: stdinTerminal, setRawMode: () => undefined })
  const stderr = Object.assign(new Sink(), { isTTY: stderrTerminal })
  const controller = new AbortController()
  return { stdin, stderr, controller, prompt: terminalMfaPrompt({ stdin, stderr, signal: controller.signal }) }
}

test.each([
  [false, true],
  [true, false],
  [false, false],
])('nobody is asked where stdin is a terminal: %s, and stderr: %s', (stdin, stderr) => {
  expect(terminal(stdin, stderr).prompt).toBeUndefined()
})

function asking() {
  const { prompt, ...rest } = terminal()
  if (prompt === undefined) throw new Error('nobody can be asked')
  return { ...rest, prompt }
}

test('the code is read, and not shown', async () => {
  const { stdin, stderr, prompt } = asking()
  const answer = prompt('arn:aws:iam::444444444444:mfa/ana', 'Z')
  await expect.poll(() => stderr.text).toContain('MFA code of arn:aws:iam::444444444444:mfa/ana for account Z: ')
  stdin.write('123456\r')
  expect(await answer).toBe('123456')
  expect(stderr.text).not.toContain('123456')
})

test('two accounts are asked one after the other', async () => {
  const { stdin, stderr, prompt } = asking()
  const answers = [prompt('mfa/ana', 'Y'), prompt('mfa/ana', 'Z')]
  await expect.poll(() => stderr.text).toContain('account Y')
  expect(stderr.text).not.toContain('account Z')
  stdin.write('111111\r')
  await expect.poll(() => stderr.text).toContain('account Z')
  stdin.write('222222\r')
  expect(await Promise.all(answers)).toEqual(['111111', '222222'])
})

test('a signal or Ctrl-C ends the question', async () => {
  const signalled = asking()
  const first = signalled.prompt('mfa/ana', 'Z')
  signalled.controller.abort()
  await expect(first).rejects.toMatchObject({ code: 'interrupted' })
  const typed = asking()
  const second = typed.prompt('mfa/ana', 'Z')
  await expect.poll(() => typed.stderr.text).toContain('MFA code')
  typed.stdin.write('\u0003')
  await expect(second).rejects.toMatchObject({ code: 'interrupted' })
})
