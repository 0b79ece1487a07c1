import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { terminalMfaPrompt } from '../../src/cli/prompt.ts'
import { Speaker } from '../../src/cli/render/speaker.ts'
import { Sink } from './host.ts'

function terminal(stdinTerminal = true, stderrTerminal = true) {
  const stdin = Object.assign(new PassThrough(), { isTTY: stdinTerminal, setRawMode: () => undefined })
  const stderr = Object.assign(new Sink(), { isTTY: stderrTerminal })
  const controller = new AbortController()
  const speaker = new Speaker(stderr)
  const { signal } = controller
  const interrupt = () => controller.abort()
  return {
    stdin,
    stderr,
    controller,
    speaker,
    prompt: terminalMfaPrompt({ stdin: () => stdin, stderr, signal, interrupt, speaker }),
  }
}

test.each([
  [false, true],
  [true, false],
  [false, false],
])('there is no prompt if stdin is a terminal: %s, and stderr: %s', (stdin, stderr) => {
  expect(terminal(stdin, stderr).prompt).toBeUndefined()
})

function asking() {
  const { prompt, ...rest } = terminal()
  if (prompt === undefined) throw new Error('no prompt')
  return { ...rest, prompt }
}

test('reads the code without showing it', async () => {
  const { stdin, stderr, prompt } = asking()
  const answer = prompt('arn:aws:iam::444444444444:mfa/ana', 'Z')
  await expect.poll(() => stderr.text).toContain('MFA code of arn:aws:iam::444444444444:mfa/ana for account Z (')
  stdin.write('123456\r')
  expect(await answer).toBe('123456')
  expect(stderr.text).not.toContain('123456')
})

test('prints the question through the progress display, so that no bar overwrites it', async () => {
  const { stdin, stderr, speaker, prompt } = asking()
  const said: string[] = []
  speaker.lendTo({ say: (text) => said.push(text), stop: () => undefined })
  const answer = prompt('mfa/ana', 'Z')
  await expect.poll(() => said).toEqual([expect.stringContaining('MFA code of mfa/ana for account Z')])
  stdin.write('123456\r')
  expect(await answer).toBe('123456')
  expect(stderr.text).toBe('')
})

test('an answer does not stop the run', async () => {
  const { stdin, controller, prompt } = asking()
  const answer = prompt('mfa/ana', 'Z')
  stdin.write('123456\r')
  await answer
  expect(controller.signal.aborted).toBe(false)
})

test('a signal ends the question', async () => {
  const signalled = asking()
  const first = signalled.prompt('mfa/ana', 'Z')
  signalled.controller.abort()
  await expect(first).rejects.toMatchObject({ code: 'interrupted' })
})

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s at the question stops the whole run, and no other account asks', async (_key, typed) => {
  const { stdin, stderr, controller, prompt } = asking()
  const answer = prompt('mfa/ana', 'Z')
  await expect.poll(() => stderr.text).toContain('MFA code')
  stdin.write(typed)
  await expect(answer).rejects.toMatchObject({ code: 'interrupted' })
  expect(controller.signal.aborted).toBe(true)
  await expect(prompt('mfa/ana', 'Y')).rejects.toMatchObject({ code: 'interrupted' })
  expect(stderr.text).not.toContain('account Y')
})
