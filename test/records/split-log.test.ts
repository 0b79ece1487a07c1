import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inflateLog } from '../../src/disk/inflate.ts'
import { splitLog } from '../../src/records/split-log.ts'
import { codeOf } from '../disk/error-code.ts'

const split = (text: string | Buffer) => splitLog(Buffer.from(text), 'k')

/** The text of each record. */
function textsOf(log: string | Buffer): string[] {
  const bytes = Buffer.from(log)
  const { ends } = split(bytes)
  return Array.from({ length: ends.length / 2 }, (_, at) => bytes.toString('utf8', ends[2 * at], ends[2 * at + 1]))
}

const refusal = (text: string | Buffer) => codeOf(() => split(text))

const blank = fc.stringMatching(/^[ \t\r\n]{0,3}$/)
const member = fc.dictionary(
  fc.oneof(fc.constantFrom('Records', 'a', '"', '\\'), fc.string({ unit: 'binary' })),
  fc.jsonValue(),
  {
    maxKeys: 5,
  },
)

/** Writes a value as JSON with spaces between tokens and some characters as escapes. */
function written(value: unknown, blanks: () => string, isEscaped: () => boolean): string {
  const gap = () => blanks()
  const text = (string: string) => {
    const characters = Array.from({ length: string.length }, (_, at) => {
      if (isEscaped()) return `\\u${string.charCodeAt(at).toString(16).padStart(4, '0')}`
      if (string[at] === '/' && isEscaped()) return String.raw`\/`
      return JSON.stringify(string[at]).slice(1, -1)
    })
    return `"${characters.join('')}"`
  }
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value))
    return `[${gap()}${value.map((item) => `${written(item, blanks, isEscaped)}${gap()}`).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).map(
    ([name, item]) => `${gap()}${text(name)}${gap()}:${gap()}${written(item, blanks, isEscaped)}${gap()}`,
  )
  return `{${fields.length === 0 ? gap() : fields.join(',')}}`
}

describe('a log that JSON.parse reads', () => {
  test('has the same records, whatever they hold and however they are written', () => {
    const log = fc.record({
      before: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }),
      records: fc.array(member, { maxLength: 5 }),
      after: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }),
    })
    fc.assert(
      fc.property(
        log,
        fc.infiniteStream(blank),
        fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
        (parts, blanks, dice) => {
          const { Records: _a, ...before } = parts.before
          const { Records: _b, ...after } = parts.after
          const value = { ...before, Records: parts.records, ...after }
          const nextBlank = () => blanks.next().value as string
          const text = nextBlank() + written(value, nextBlank, () => dice.next().value === 0) + nextBlank()
          const wanted = (JSON.parse(text) as { readonly Records: unknown[] }).Records
          expect(textsOf(text).map((record): unknown => JSON.parse(record))).toEqual(wanted)
        },
      ),
    )
  })

  test('is told which records contain \\u or \\/', () => {
    const log = String.raw`{"x":"\u0041","Records":[{"a":"\\u0041"},{"a":"\u0041"},{"a":"\n\\/"},{"b":{"\/":1}},{}]}`
    expect(split(log).escaped).toEqual([1, 3])
    const besides = String.raw`{"x":{"y":"\u0041"},"Records":[{},{"a":"\u0041"},{}],"z":["\/"]}`
    expect(split(besides).escaped).toEqual([1])
  })

  test('is the same with a byte order mark', () => {
    expect(textsOf('\ufeff{"Records":[{"a":1}]}')).toEqual(['{"a":1}'])
  })

  test('may consist of two gzip members', () => {
    const text = '{"Records":[{"a":"é"},{"b":2}]}'
    const bytes = Buffer.from(text)
    for (const at of [1, 15, 18, bytes.length - 1]) {
      const zipped = Buffer.concat([gzipSync(bytes.subarray(0, at)), gzipSync(bytes.subarray(at))])
      expect(textsOf(inflateLog(zipped, { maxInflatedBytes: 1000 }))).toEqual(['{"a":"é"}', '{"b":2}'])
    }
  })

  test('may have no records', () => {
    expect(textsOf('{"Records":[]}')).toEqual([])
    expect(textsOf('{"Records": [ \n ] , "x": {}}')).toEqual([])
  })

  test('may have an escaped name, and other fields called Records inside of values', () => {
    expect(
      textsOf(String.raw`{"x":{"Records":[{"a":1}]},"y":[{"Records":[]}],"\u0052ecords":[{"Records":[{}]}]}`),
    ).toEqual(['{"Records":[{}]}'])
  })

  test('may contain text that looks like JSON', () => {
    const record = String.raw`{"a":"}]}","b":"\"Records\":[{","c":"\\"}`
    expect(textsOf(`{"note":"\\"Records\\":[{","Records":[${record},{}]}`)).toEqual([record, '{}'])
  })

  test('may be nested 100,000 deep, in records and next to them', () => {
    const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const record = `{"a":${deep(100_000)}}`
    expect(textsOf(`{"x":${deep(100_000)},"Records":[${record},{"b":1}]}`)).toEqual([record, '{"b":1}'])
  })

  test('may have records of 1 MB', () => {
    const record = `{"a":"${'x'.repeat(1024 * 1024)}"}`
    expect(textsOf(`{"Records":[${record},${record}]}`)).toEqual([record, record])
  })

  test('may contain bytes that are not UTF-8, and lone surrogates', () => {
    const log = Buffer.from('{"Records":[{"a":"\xff\xc3\xed\xa0\x80"},{"b":"\xe2\x82"},{"c":"\\ud800"}]}', 'latin1')
    const { ends, escaped } = split(log)
    expect(log.toString('latin1', ends[0], ends[1])).toBe('{"a":"\xff\xc3\xed\xa0\x80"}')
    expect(log.toString('latin1', ends[2], ends[3])).toBe('{"b":"\xe2\x82"}')
    expect(escaped).toEqual([2])
  })
})

test('a digest has no records', () => {
  expect(split('{"awsAccountId":"1","logFiles":[{"s3Object":"x"}],"previousDigestSignature":null}').ends).toEqual([])
})

test('a log that is truncated at any byte is refused', () => {
  const log = Buffer.from(String.raw`{"x":[1,"é"],"Records":[{"a":"\u00e9\"}"},{"b":[{}]}],"y":null}`)
  for (let length = 0; length < log.length; length++) {
    expect({ length, code: refusal(log.subarray(0, length)) }).toEqual({ length, code: 'object.not-a-log' })
  }
  expect(refusal(log)).toBe('none')
})

test.each([
  ['text', 'x'],
  ['a list', '[{"Records":[]}]'],
  ['null', 'null'],
  ['an object without Records', '{}'],
  ['Records that are not a list', '{"Records":{}}'],
  ['a record that is not an object', '{"Records":[{},1]}'],
  ['a record that is a list', '{"Records":[[]]}'],
  ['two Records', '{"Records":[{"a":1}],"Records":[{"b":1}]}'],
  ['two Records, one of them with an escaped name', String.raw`{"Records":[],"\u0052ecords":[]}`],
  ['a comma after the last record', '{"Records":[{},]}'],
  ['no comma between records', '{"Records":[{} {}]}'],
  ['a comma after the last field', '{"Records":[],}'],
  ['data after its end', '{"Records":[]}x'],
  ['two logs, one after the other', '{"Records":[]}{"Records":[]}'],
  ['a zero after its end', '{"Records":[]}\0'],
  ['a value next to the records that is not JSON', '{"x":nope,"Records":[]}'],
  ['a list next to the records that is not JSON', '{"x":[1,],"Records":[]}'],
  ['a text next to the records that is not JSON', String.raw`{"x":"\q","Records":[]}`],
  ['a name that is not JSON', String.raw`{"\q":1,"Records":[]}`],
])('%s is not a log', (_what, text) => {
  expect(refusal(text)).toBe('object.not-a-log')
})

test('any bytes are refused, or have as many records as JSON.parse finds', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"Records"',
    '"a"',
    '1',
    'null',
    ' ',
    '{"Records":[',
    '{}',
    ']}',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join('')
      if (refusal(text) !== 'none') return
      const records = textsOf(text)
      // The inside of records is not checked.
      const outside = records.reduce((rest, record) => rest.replace(record, '{}'), text)
      const { Records: list } = JSON.parse(outside) as { readonly Records: unknown[] }
      expect(records).toHaveLength(list.length)
    }),
    { numRuns: 3000 },
  )
})
