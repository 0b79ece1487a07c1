import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { openAsker } from '../../src/cli/ask.ts'
import { Sink } from './host.ts'

function terminal() {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  const stderr = Object.assign(new Sink(), { isTTY: true, columns: 100 })
  const controller = new AbortController()
  const asker = openAsker({ stdin: () => stdin, stderr, signal: controller.signal })
  return { stdin, stderr, controller, asker }
}

const anything = () => undefined

test('an answer is trimmed', async () => {
  const { stdin, stderr, asker } = terminal()
  const answer = (await asker).text({ asks: 'Name', check: anything })
  await expect.poll(() => stderr.text).toContain('Name')
  stdin.write('  ana \r')
  expect(await answer).toBe('ana')
})

test('Enter accepts the proposal', async () => {
  const { stdin, stderr, asker } = terminal()
  const answer = (await asker).text({ asks: 'Name', proposal: 'crosstrail-b', check: anything })
  await expect.poll(() => stderr.text).toContain('crosstrail-b')
  stdin.write('\r')
  expect(await answer).toBe('crosstrail-b')
})

test('a hidden answer is not shown', async () => {
  const { stdin, stderr, asker } = terminal()
  const answer = (await asker).hidden({ asks: 'External ID', check: anything })
  await expect.poll(() => stderr.text).toContain('External ID')
  stdin.write('z-audit\r')
  expect(await answer).toBe('z-audit')
  expect(stderr.text).not.toContain('z-audit')
})

test.each<[string, (world: ReturnType<typeof terminal>) => void]>([
  ['Ctrl-C', ({ stdin }) => stdin.write('\u0003')],
  ['Ctrl-D', ({ stdin }) => stdin.write('\u0004')],
  ['the end of the input', ({ stdin }) => stdin.end()],
  ['a signal', ({ controller }) => controller.abort()],
])('%s ends the question and leaves no listener', async (_what, end) => {
  const world = terminal()
  const answer = (await world.asker).text({ asks: 'Name', check: anything })
  await expect.poll(() => world.stderr.text).toContain('Name')
  end(world)
  await expect(answer).rejects.toMatchObject({ code: 'interrupted' })
  expect(world.stdin.listenerCount('keypress')).toBeLessThanOrEqual(1)
})

test('asks nothing after a stop', async () => {
  const { controller, asker } = terminal()
  controller.abort()
  await expect((await asker).confirm('Go on', true)).rejects.toMatchObject({ code: 'interrupted' })
})

test('escapes control characters of foreign text', async () => {
  const { stderr, asker } = terminal()
  ;(await asker).say('a bucket \u001B[2Jevil')
  expect(stderr.text).toContain('a bucket \\x1b[2Jevil')
})
