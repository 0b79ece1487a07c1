import { expect, test } from 'vitest'
import { Speaker } from '../../../src/cli/render/speaker.ts'
import { Sink } from '../host.ts'

test('lines go through whoever draws, and to stderr before and after', () => {
  const stderr = new Sink()
  const drawn: string[] = []
  const speaker = new Speaker(stderr)
  speaker.say('before')
  const takeBack = speaker.lendTo({ say: (text) => drawn.push(text) })
  speaker.say('meanwhile')
  takeBack()
  speaker.say('after')
  expect({ drawn, said: stderr.lines }).toEqual({ drawn: ['meanwhile'], said: ['before', 'after'] })
})

test('a talk that ends late takes nothing from the next one', () => {
  const drawn: string[] = []
  const speaker = new Speaker(new Sink())
  const takeFirst = speaker.lendTo({ say: () => undefined })
  speaker.lendTo({ say: (text) => drawn.push(text) })
  takeFirst()
  speaker.say('heard')
  expect(drawn).toEqual(['heard'])
})
