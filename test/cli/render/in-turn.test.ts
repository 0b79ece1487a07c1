import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { InTurn } from '../../../src/cli/render/in-turn.ts'

test('writes the lines of the first at once, and the others in turn', () => {
  const written: string[] = []
  const turns = new InTurn(['a', 'b'], (line) => written.push(line))
  turns.say('b', ['b1'])
  turns.say('a', ['a1'])
  expect(written).toEqual(['a1'])
  turns.done('b')
  turns.say('a', ['a2'])
  turns.done('a')
  expect(written).toEqual(['a1', 'a2', 'b1'])
})

test('writes all lines, one name after the other, in any order of arrival', () => {
  const events = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), text: fc.string() }))
  fc.assert(
    fc.property(events, fc.shuffledSubarray(['a', 'b', 'c'], { minLength: 3 }), (said, ends) => {
      const written: string[] = []
      const turns = new InTurn(['a', 'b', 'c'], (line) => written.push(line))
      for (const { name, text } of said) turns.say(name, [name + text])
      for (const name of ends) turns.done(name)
      const ofEach = ['a', 'b', 'c'].flatMap((name) => said.filter((one) => one.name === name))
      expect(written).toEqual(ofEach.map(({ name, text }) => name + text))
    }),
  )
})
