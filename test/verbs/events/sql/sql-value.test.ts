import { expect, test } from 'vitest'
import { JsonText } from '../../../../src/verbs/events/sql/sql-result.ts'
import { cellOf, jsonLine, jsonOf } from '../../../../src/verbs/events/sql/sql-value.ts'

test.each([
  [null, 'null', ''],
  ['a"b', '"a\\"b"', 'a"b'],
  [1.5, '1.5', '1.5'],
  [false, 'false', 'false'],
  [[1, null, ['x']], '[1,null,["x"]]', '[1,null,["x"]]'],
  [{ a: new JsonText('{"n": 1.0}') }, '{"a":{"n": 1.0}}', '{"a":{"n": 1.0}}'],
])('%j as JSON and as a cell', (value, json, cell) => {
  expect(jsonOf(value)).toBe(json)
  expect(cellOf(value)).toBe(cell)
})

test('a row is one line of JSON, with the names of its columns', () => {
  expect(jsonLine(['a', 'b"'], [1, null])).toBe('{"a":1,"b\\"":null}')
})
