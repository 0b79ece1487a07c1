import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { confirmWord, decide, isTerminal } from '../../src/cli/confirm.ts'
import { Sink } from './host.ts'

function terminal() {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  const stderr = Object.assign(new Sink(), { isTTY: true })
  const controller = new AbortController()
  return { typing: stdin, stdin: () => stdin, stderr, controller, signal: controller.signal }
}

const both = [true, false]
const cases = both.flatMap((dryRun) =>
  both.flatMap((yes) =>
    both.flatMap((isOnTerminal) => both.map((onlyPlan) => ({ dryRun, yes, terminal: isOnTerminal, onlyPlan }))),
  ),
)

test.each(cases)('decides for %j', (asked) => {
  const { dryRun, yes, terminal: isOnTerminal, onlyPlan } = asked
  const decision = dryRun ? 'show' : yes ? 'act' : isOnTerminal ? 'ask' : onlyPlan ? 'show' : 'refuse'
  expect(decide(asked)).toBe(decision)
})

test.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
])('stdin %s and stderr %s are a terminal: %s', (stdin, stderr, both) => {
  const { typing: input, stderr: output } = terminal()
  expect(
    isTerminal({
      stdin: () => Object.assign(input, { isTTY: stdin }),
      stderr: Object.assign(output, { isTTY: stderr }),
    }),
  ).toBe(both)
})

test('exactly the word confirms', async () => {
  const world = terminal()
  const answer = confirmWord('type the name:', 'example-logs', world)
  await expect.poll(() => world.stderr.text).toContain('type the name:')
  world.typing.write('example-logs\r')
  await expect(answer).resolves.toBeUndefined()
})

test.each(['', 'yes', 'y', 'example-log', 'EXAMPLE-LOGS'])('the word %j cancels', async (word) => {
  const world = terminal()
  const answer = confirmWord('type the name:', 'example-logs', world)
  await expect.poll(() => world.stderr.text).toContain('type the name:')
  world.typing.write(`${word}\r`)
  await expect(answer).rejects.toMatchObject({ code: 'usage.declined' })
})

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s ends the question', async (_name, key) => {
  const world = terminal()
  const answer = confirmWord('type the name:', 'example-logs', world)
  await expect.poll(() => world.stderr.text).toContain('type the name:')
  world.typing.write(key)
  await expect(answer).rejects.toMatchObject({ code: 'interrupted' })
})

test('a signal ends the question', async () => {
  const world = terminal()
  const answer = confirmWord('type the name:', 'example-logs', world)
  world.controller.abort()
  await expect(answer).rejects.toMatchObject({ code: 'interrupted' })
})
