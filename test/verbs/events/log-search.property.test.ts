import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Condition } from '../../../src/verbs/events/filter/event-filter.ts'
import { filterFields } from '../../../src/verbs/events/filter/fields.ts'
import { linesOf } from '../../../src/verbs/events/found-records.ts'
import { LogSearch } from '../../../src/verbs/events/log-search.ts'
import { spelled } from './escaped-json.ts'
import { naiveMatches, textsOf } from './naive-search.ts'

/** Few words, so that values equal, contain and nearly equal the patterns. */
const words = [
  'alice',
  'Alice',
  'ali',
  'café',
  'cafe\u0301',
  'a/b',
  'a"b',
  'a\\b',
  'tab\there',
  '😀',
  'x😀y',
  '\ud83d',
  'x\ud800',
  '\ufffd',
  '\u0000',
  '\u007f',
  '\u2028',
  '*',
  '?',
  '!a',
  '',
  'Root',
  'root',
  'errorCode',
  's3',
  's3.amazonaws.com',
  'a',
  '{',
  '},{"eventName":"alice"',
  'true',
  'null',
  '-Infinity',
  '1e3',
  '12',
]
const addresses = [
  '10.0.0.1',
  '10.0.10.1',
  '110.0.0.1',
  '10.1.2.3',
  '192.168.255.255',
  '2001:db8::1',
  '2001:DB8:0:0:0:0:0:1',
  '2001:db8::1:1',
  '::ffff:10.0.0.1',
  'fe80::1%eth0',
  's3.amazonaws.com',
  'AWS Internal',
]
const ranges = [
  '10.0.0.0/8',
  '10.0.0.0/16',
  '10.0.0.0/23',
  '10.0.0.1/32',
  '0.0.0.0/0',
  '10.1.2.3/12',
  '2001:db8::/32',
  '::/0',
  '2001:db8::1/128',
  '::ffff:0:0/96',
]
const arns = [
  'arn:aws:iam::1:user/alice',
  'arn:aws:sts::1:assumed-role/a/b/alice',
  'arn:aws:s3:::café',
  'arn:',
  'arn:aws:sns:x:1:',
]

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...words), fc.constantFrom(...words)).map(([a, b]) => a + b) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
)
const number = fc.constantFrom(0, -1, 12, 1e21, 1.5e-7, 1000)
const text = fc.oneof(
  { weight: 5, arbitrary: word },
  { weight: 1, arbitrary: fc.constantFrom(...arns) },
  // A field that is not what it should be.
  { weight: 1, arbitrary: fc.oneof(number, fc.boolean(), fc.constant(null), fc.array(word, { maxLength: 2 })) },
)
const address = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...addresses) }, { weight: 1, arbitrary: text })
const arn = fc.oneof(fc.constantFrom(...arns), text)

const sparse = { requiredKeys: [] }
const issuer = fc.record({ userName: text, arn }, sparse)
const identity = fc.record(
  {
    type: fc.oneof(fc.constant('Root'), text),
    userName: text,
    arn,
    principalId: fc.oneof(
      text,
      word.map((name) => `AROA:${name}`),
    ),
    accessKeyId: text,
    invokedBy: text,
    sessionContext: fc.record({ sessionIssuer: fc.oneof(issuer, text) }, sparse),
  },
  sparse,
)
const nested = fc.oneof(
  text,
  arn,
  fc.dictionary(word, fc.oneof(text, arn, fc.array(text, { maxLength: 2 })), { maxKeys: 3 }),
)
const record = fc.record(
  {
    eventName: text,
    eventSource: text,
    userIdentity: fc.oneof({ weight: 6, arbitrary: identity }, { weight: 1, arbitrary: text }),
    sourceIPAddress: address,
    userAgent: text,
    errorCode: text,
    recipientAccountId: text,
    accountId: text,
    awsRegion: text,
    eventID: text,
    eventId: text,
    eventType: text,
    eventCategory: text,
    readOnly: fc.oneof(fc.boolean(), text),
    resources: fc.array(nested, { maxLength: 2 }),
    requestParameters: nested,
    other: nested,
  },
  sparse,
)

/** The command line holds no half of a surrogate pair. */
const wellFormed = (text: string) => text.replaceAll(/\p{Surrogate}/gu, '\ufffd')
const pattern = fc
  .oneof(
    { weight: 4, arbitrary: word },
    { weight: 1, arbitrary: fc.constantFrom(...arns) },
    {
      weight: 3,
      arbitrary: fc
        .array(fc.oneof(word, fc.constantFrom('*', '?', '\\*', '\\?', '\\\\')), { maxLength: 4 })
        .map((parts) => parts.join('')),
    },
  )
  .map(wellFormed)
const condition: fc.Arbitrary<Condition> = fc.constantFrom(...filterFields).chain((field) => {
  const values =
    field === 'ip'
      ? fc.oneof(fc.constantFrom(...ranges), fc.constantFrom(...addresses), fc.constantFrom('10.*', '*.1'), pattern)
      : field === 'readOnly'
        ? fc.constantFrom('true', 'false')
        : pattern
  return fc.record({
    field: fc.constant(field),
    any: fc.array(values, { maxLength: 3 }),
    none: fc.array(values, { maxLength: 1 }),
  })
})

/** Texts of JSON that no value of JavaScript is written as. */
const oddRecords = [
  '{"eventName":"alice","eventName":"ali"}',
  '{"eventName":"ali","eventName":"alice","x":1e999}',
  '{"x":-1e999}',
  '{"x":1E3,"y":0.10e+1,"z":12345678901234567890}',
  '{"userIdentity":{"type":"Root"},"userIdentity":{"userName":"alice"}}',
  '{"__proto__":{"eventName":"alice"}}',
]
const notUtf8 = Buffer.from('{"eventName":"caf\xe9","userAgent":"x\xf0\x9f","other":"\xed\xa0\x80"}', 'latin1')

type Parsed = Readonly<Record<string, unknown>>

/** A condition that a record is likely to meet: one of its patterns is made of a text that one of the records has. */
function aimed(asked: Condition, records: readonly Parsed[], aim: number): Condition {
  const { field } = asked
  const texts = records.flatMap((one) => textsOf(field, one))
  const text = wellFormed(texts[aim % Math.max(1, texts.length)] ?? '')
  if (texts.length === 0 || aim % 5 === 0) return asked
  const characters = [...text]
  const from = aim % (characters.length + 1)
  const [head, tail] = [characters.slice(0, from).join(''), characters.slice(from).join('')]
  if (field === 'contains') return { ...asked, any: [aim % 2 === 0 ? text : tail] }
  if (field === 'readOnly') return asked
  const literal = (part: string) => part.replaceAll(/[*?\\]/g, String.raw`\$&`)
  const patterns = [
    literal(text),
    literal(text),
    `${literal(head)}*`,
    `*${literal(tail)}`,
    `${literal(head)}?${literal(tail.slice(1))}`,
  ]
  return { ...asked, any: [...asked.any, patterns[aim % patterns.length] ?? ''] }
}

test('a search finds what parsing every record finds', () => {
  const written = fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .tuple(record, fc.infiniteStream(fc.nat()))
        .map(([value, dice]) => Buffer.from(spelled(value, (below) => (dice.next().value as number) % below))),
    },
    { weight: 1, arbitrary: fc.constantFrom(...oddRecords).map((json) => Buffer.from(json)) },
    { weight: 1, arbitrary: fc.constant(notUtf8) },
  )
  const log = fc.array(written, { maxLength: 8 })
  const conditions = fc.array(condition, { maxLength: 3 })
  let matched = 0
  fc.assert(
    fc.property(
      log,
      conditions,
      fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
      (records, conditionsOfAny, aims) => {
        const bytes = Buffer.concat([
          Buffer.from('{"Records":['),
          ...records.flatMap((one, at) => (at === 0 ? [one] : [Buffer.from(','), one])),
          Buffer.from(']}'),
        ])
        const parsed = (JSON.parse(bytes.toString()) as { readonly Records: Parsed[] }).Records
        const asked = conditionsOfAny.map((one, at) => aimed(one, parsed, aims[at] ?? 0))
        const search = new LogSearch({
          conditions: asked,
          window: {},
          logAccounts: [],
          regions: [],
          kinds: [],
          form: { type: 'row' },
        })
        const result = search.search(bytes, { file: 'f' })
        const wanted = parsed.filter((one) => naiveMatches(one, asked))
        matched += wanted.length
        const found =
          result.found === undefined
            ? []
            : [...linesOf(result.found)].map((line): unknown => {
                const { log_account, log_region, kind, file, ...rest } = JSON.parse(
                  Buffer.from(line).toString(),
                ) as Record<string, unknown>
                expect({ kind, file }).toEqual({ kind: expect.any(String) as string, file: 'f' })
                return rest
              })
        expect(found).toEqual(wanted)
        expect(result).toMatchObject({ records: records.length, unreadable: [] })
      },
    ),
    { numRuns: 2000 },
  )
  // The values are near enough to the patterns that many match.
  expect(matched).toBeGreaterThan(500)
})
