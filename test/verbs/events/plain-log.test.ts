import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitLog } from '../../../src/records/split-log.ts'
import { parsePlainLog } from '../../../src/verbs/events/plain-log.ts'

/** Splits a log and parses each record. Undefined if either fails. */
function bySplitting(bytes: Buffer): unknown[] | undefined {
  try {
    const { ends } = splitLog(bytes, 'a.json.gz')
    return Array.from({ length: ends.length / 2 }, (_, at) =>
      JSON.parse(bytes.toString('utf8', ends[2 * at], ends[2 * at + 1])),
    )
  } catch {
    return undefined
  }
}

test('parsing a log at once gives the same records as splitting it', () => {
  const value = fc.jsonValue({ maxDepth: 2 })
  const record = fc.oneof(
    fc.dictionary(fc.constantFrom('eventName', 'Records', 'a"b', 'é'), value).map((one) => JSON.stringify(one)),
    value.map((one) => JSON.stringify(one)),
  )
  const piece = fc.oneof(
    fc.array(record, { maxLength: 3 }).map((records) => `{"Records":[${records.join(',')}]}`),
    fc.constantFrom(
      '{"Records":[{}],"Records":[{"a":1}]}',
      String.raw`{"Records":[{}],"Re\u0063ords":[{"a":1}]}`,
      '{"Records":[{}],"Records" :[]}',
      '{"Records":[{}],"x":{"Records":[{"a":1}]}}',
      '{"Records":[{}],"logFiles":[]}',
      '{"Records":[{}]} {}',
      '{"Records":[{},]}',
      '{"Records":[{"a":1,}]}',
      '{"Records":[null]}',
      '{"Records":[[]]}',
      '{"Records":{}}',
      '{"records":[]}',
      '{"Records":[{}',
      '[]',
      '',
    ),
  )
  fc.assert(
    fc.property(piece, (text) => {
      const bytes = Buffer.from(text)
      const parsed = parsePlainLog(bytes)
      if (parsed !== undefined) expect(parsed).toEqual(bySplitting(bytes))
    }),
    { numRuns: 3000 },
  )
})

test('a log that is written like CloudTrail writes it is parsed at once', () => {
  expect(parsePlainLog(Buffer.from('{"Records":[{"a":1},{"b":"Ü"}]}'))).toEqual([{ a: 1 }, { b: 'Ü' }])
  expect(parsePlainLog(Buffer.from('{"Records":[]}'))).toEqual([])
})
