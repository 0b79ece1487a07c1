import { expect, test } from 'vitest'
import { filledText, parseObject } from '../../src/identity/parse-object.ts'

test('reads an object and nothing else', () => {
  expect(parseObject('{"a":1}')).toEqual({ a: 1 })
  expect(['', '1', 'null', '"a"', '{"a":'].map(parseObject)).toEqual(Array.from({ length: 5 }))
})

test('an empty text and other types count as undefined', () => {
  expect(['a', '', 1, null, undefined].map(filledText)).toEqual(['a', undefined, undefined, undefined, undefined])
})
