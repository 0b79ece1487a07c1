import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordsOf } from '../../src/records/log-records.ts'
import { codeOf } from '../disk/error-code.ts'

/** The events of a log's text, with their lines as text and without line ends. */
const recordsIn = (text: string) =>
  recordsOf(Buffer.from(text), 'k').map(({ eventId, line }) => ({ eventId, line: textOf(line) }))
const textOf = (line: Uint8Array): string => Buffer.from(line).toString().replace(/\n$/, '')

test('each event becomes one line with the same JSON value', () => {
  const log = fc.record({ Records: fc.array(fc.dictionary(fc.string(), fc.jsonValue())), other: fc.jsonValue() })
  fc.assert(
    fc.property(log, fc.boolean(), (value, pretty) => {
      const lines = recordsIn(JSON.stringify(value, undefined, pretty ? 2 : 0)).map(({ line }) => line)
      expect(lines.filter((line) => line.includes('\n'))).toEqual([])
      expect(lines.map((line): unknown => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(value.Records)))
    }),
  )
})

test('a number that JavaScript cannot represent does not change', () => {
  const text = '{"Records":[{"eventID":"a","size":12345678901234567890}]}'
  expect(recordsIn(text)).toEqual([{ eventId: 'a', line: '{"eventID":"a","size":12345678901234567890}' }])
})

test('a string that looks like the list of events is not one', () => {
  const text = String.raw`{"note":"\"Records\":[{","Records":[{"a":"}]\""}]}`
  expect(recordsIn(text)).toHaveLength(1)
})

test('a nested list called Records is not the list of events', () => {
  expect(recordsIn('{"x":{"Records":[{"a":1},{"a":2}]},"Records":[{"a":3}]}').map(({ line }) => line)).toEqual([
    '{"a":3}',
  ])
})

test.each([
  ['both lists', '{"Records":[{"eventID":"a"}],"Records":[{"eventID":"b"}]}'],
  ['one with an escaped name', String.raw`{"Records":[{"eventID":"a"}],"\u0052ecords":[{"eventID":"b"}]}`],
  ['one that is not a list', '{"Records":null,"Records":[{"eventID":"b"}]}'],
])('a file with two fields Records is refused: %s', (_, text) => {
  expect(codeOf(() => recordsIn(text))).toBe('object.not-a-log')
})

test('an escaped name of the field Records is recognized', () => {
  expect(recordsIn(String.raw`{"\u0052ecords":[{"eventID":"b"}]}`)).toEqual([{ eventId: 'b', line: '{"eventID":"b"}' }])
})

test('a value "Records" is not the list of events', () => {
  expect(recordsIn('{"a":"Records","Records":[{"b":1}],"c":[{"d":1}]}').map(({ line }) => line)).toEqual(['{"b":1}'])
})

test('the id of an aggregated record is its eventId', () => {
  expect(
    recordsIn('{"Records":[{"eventId":"a"},{"eventID":"b"},{"eventID":1}]}').map(({ eventId }) => eventId),
  ).toEqual(['a', 'b', undefined])
})

test('a digest has no events', () => {
  expect(recordsIn('{"logFiles":[]}')).toEqual([])
})

test.each(['', 'x', '[]', 'null', '{}', '{"Records":1}', '{"Records":[1]}', '{"Records":[]'])(
  '%j is not a log',
  (text) => {
    expect(codeOf(() => recordsIn(text))).toBe('object.not-a-log')
  },
)
