import { expect, test } from 'vitest'
import { Speaker } from '../../../src/cli/render/speaker.ts'
import { Sink } from '../host.ts'

test('lines go through the drawing, and to stderr before and after', () => {
  const stderr = new Sink()
  const drawn: string[] = []
  const speaker = new Speaker(stderr)
  speaker.say('before')
  const takeBack = speaker.lendTo({ say: (text) => drawn.push(text), stop: () => undefined })
  speaker.say('meanwhile')
  takeBack()
  speaker.say('after')
  expect({ drawn, said: stderr.lines }).toEqual({ drawn: ['meanwhile'], said: ['before', 'after'] })
})

test('a drawing that ends late does not end the next one', () => {
  const drawn: string[] = []
  const speaker = new Speaker(new Sink())
  const takeFirst = speaker.lendTo({ say: () => undefined, stop: () => undefined })
  speaker.lendTo({ say: (text) => drawn.push(text), stop: () => undefined })
  takeFirst()
  speaker.say('heard')
  expect(drawn).toEqual(['heard'])
})

test.each([
  [true, ['stopped', '\n']],
  [false, ['stopped']],
])('at a sudden end the drawing stops, and a terminal (%s) gets a new line', (isTTY, happened) => {
  const happens: string[] = []
  const stderr = new Sink()
  stderr.isTTY = isTTY
  const speaker = new Speaker(stderr)
  speaker.lendTo({ say: () => undefined, stop: () => happens.push('stopped') })
  speaker.end()
  expect([...happens, ...(stderr.text === '' ? [] : [stderr.text])]).toEqual(happened)
})
