import { describe, expect, test } from 'vitest'
import { findLists } from '../../src/records/list-cuts.ts'

const found = (text: string, partBytes = 1) =>
  findLists(Buffer.from(text), 'logs', partBytes).map(({ start, end, commas }) => {
    const cuts = [start, ...commas, end - 1]
    return cuts.slice(1).map((cut, at) => text.slice((cuts[at] ?? 0) + 1, cut))
  })

describe('a list of the outermost object', () => {
  test.each([
    ['{"logs":[]}', [['']]],
    ['{"a":1,"logs":[{"b":[1,2]},{"c":"],["}],"d":2}', [['{"b":[1,2]}', '{"c":"],["}']]],
    [' { "logs" : [ 1 , 2 ] } ', [[' 1 ', ' 2 ']]],
    ['{"a":{"logs":[1]},"b":["logs"],"c":"logs","\\"logs":[2]}', []],
    ['{"logs":null}', []],
    ['{"logs":[1],"logs":[2]}', [['1'], ['2']]],
  ])('is found in %s', (text, parts) => {
    expect(found(text)).toEqual(parts)
  })

  test('is cut into parts of about the wanted size', () => {
    expect(found('{"logs":[10,20,30,40,50]}', 6)).toEqual([['10,20', '30,40', '50']])
  })

  test.each(['{"logs":[1,2', '{"logs":["', '{"logs', '"logs":[1]'])('that does not end is not found: %s', (text) => {
    expect(found(text)).toEqual([])
  })
})
