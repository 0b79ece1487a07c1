import { expect, test } from 'vitest'
import { filledText, parseObject } from '../../src/identity/parse-object.ts'

test('an object is read, and whatever else is none', () => {
  expect(parseObject('{"a":1}')).toEqual({ a: 1 })
  expect(['', '1', 'null', '"a"', '{"a":'].map(parseObject)).toEqual(Array.from({ length: 5 }))
})

test('an empty text, and what is no text, says nothing', () => {
  expect(['a', '', 1, null, undefined].map(filledText)).toEqual(['a', undefined, undefined, undefined, undefined])
})
