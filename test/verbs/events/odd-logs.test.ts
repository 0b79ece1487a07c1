import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { searchFolders } from '../../../src/app/search-folders.ts'
import type { EventsOptions } from '../../../src/verbs/events/options.ts'
import { type FoundRecords, linesOf } from '../../../src/verbs/events/found-records.ts'
import type { Condition } from '../../../src/verbs/events/filter/event-filter.ts'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'odd-logs-'))))
afterAll(() => rmSync(folder, { recursive: true }))

/** Searches one file, and returns what was found in it, or the error and the file that it names. */
async function search(body: string | Uint8Array, options: Partial<EventsOptions> = {}, name = 'log.json.gz') {
  const path = join(folder, name)
  writeFileSync(path, body)
  const found: FoundRecords[] = []
  const notes: string[] = []
  const failures: { readonly file: string; readonly code: string; readonly hint: string | undefined }[] = []
  const report = await searchFolders(
    { dirs: [path], onFound: (records) => found.push(records), ...options },
    {},
    (event) => {
      if (event.type === 'note') notes.push(event.message)
      if (event.type !== 'outcome' || event.outcome.status !== 'failed') return
      const { object, error } = event.outcome
      failures.push({ file: object.key, code: error.code, hint: error.hint })
    },
  )
  const lines = found.flatMap((records) => [...linesOf(records)].map((line) => Buffer.from(line)))
  const values = found.flatMap((records) => records.values ?? [])
  expect(report.total.failed).toBe(failures.length)
  expect(report.counts.logs + failures.length).toBe(1)
  expect(failures.every(({ file }) => file === path)).toBe(true)
  return { lines, values, notes, code: failures[0]?.code, hint: failures[0]?.hint, counts: report.counts }
}

const texts = ({ lines }: { readonly lines: readonly Buffer[] }) => lines.map(String)
const records = (...list: readonly string[]) => `{"Records":[${list.join(',')}]}`
const by = (field: Condition['field'], ...any: readonly string[]) => ({ conditions: [{ field, any, none: [] }] })
const depth = 50_000

describe('a log with', () => {
  const deep = `{"eventName":"A","requestParameters":${'{"a":['.repeat(depth)}"needle"${']}'.repeat(depth)}}`

  test('a record that is nested 100,000 deep is searched like any other', async () => {
    const log = gzipSync(records(deep, '{"eventName":"B"}'))
    expect(texts(await search(log))).toEqual([deep, '{"eventName":"B"}'])
    expect(texts(await search(log, by('resource', 'needle')))).toEqual([deep])
    expect(texts(await search(log, by('contains', 'need')))).toEqual([deep])
    expect(texts(await search(log, by('eventName', '?')))).toEqual([deep, '{"eventName":"B"}'])
  })

  test('a field that is nested too deep to be written as JSON: its record is unreadable, and the others are found', async () => {
    const form = { type: 'fields', fields: ['requestParameters'] } as const
    const { values, counts, notes } = await search(gzipSync(records(deep, '{"requestParameters":"x"}')), { form })
    expect(values.at(-1)).toEqual(['x'])
    expect(counts.matched + counts.unreadable).toBe(2)
    expect(notes).toHaveLength(counts.unreadable)
  })

  test('records of 1 MB', async () => {
    const large = (word: string) => `{"eventName":"${word}","x":"${'x'.repeat(1024 * 1024)}${word}"}`
    const log = gzipSync(records(large('A'), large('B'), large('C')))
    expect(texts(await search(log, by('contains', 'xB')))).toEqual([large('B')])
    expect(texts(await search(log, by('eventName', 'A', 'C')))).toEqual([large('A'), large('C')])
  })

  test('a key that is there twice: the last value counts, as in JSON.parse, and all bytes are handed out', async () => {
    const twice = '{"eventName":"A","eventName":"B"}'
    const log = gzipSync(records(twice, '{"eventName":"A"}'))
    expect(texts(await search(log, by('eventName', 'B')))).toEqual([twice])
    expect(texts(await search(log, by('eventName', 'A')))).toEqual(['{"eventName":"A"}'])
    expect((await search(log, { form: { type: 'fields', fields: ['eventName'] } })).values).toEqual([['B'], ['A']])
  })

  test('bytes that are not UTF-8: they stay as they are, and are compared as U+FFFD', async () => {
    const odd = Buffer.from('{"eventName":"caf\xe9"}', 'latin1')
    const log = gzipSync(Buffer.concat([Buffer.from('{"Records":['), odd, Buffer.from(']}')]))
    for (const pattern of ['caf*', 'caf?', 'caf\ufffd']) {
      expect((await search(log, by('eventName', pattern))).lines).toEqual([odd])
    }
    expect((await search(log, by('eventName', 'caf', 'café'))).lines).toEqual([])
  })

  test('halves of surrogate pairs: they are one character each', async () => {
    const log = gzipSync(records(String.raw`{"eventName":"x\ud800"}`, String.raw`{"eventName":"x\ud83d\ude00"}`))
    expect((await search(log, by('eventName', 'x?'))).lines).toHaveLength(2)
    expect((await search(log, by('eventName', 'x😀'))).lines).toHaveLength(1)
    expect((await search(log, by('eventName', 'x\ufffd'))).lines).toHaveLength(0)
  })

  test.each([
    ['a byte order mark', `\ufeff${records('{"eventName":"A"}')}`],
    ['a byte order mark, zipped', gzipSync(`\ufeff${records('{"eventName":"A"}')}`)],
    ['two gzip members', Buffer.concat([gzipSync('{"Records":[{"event'), gzipSync('Name":"A"}]}')])],
    ['zeros after its last gzip member', Buffer.concat([gzipSync(records('{"eventName":"A"}')), Buffer.alloc(512)])],
    ['blanks around everything', '\n { "Records" :\t[ {"eventName":"A"}\r\n] } \n'],
    ['an escaped name of Records', String.raw`{"\u0052ecords":[{"eventName":"A"}]}`],
    ['other fields beside Records', '{"a":[{"Records":[{}]}],"Records":[{"eventName":"A"}],"b":{"eventName":"A"}}'],
  ])('%s has its records', async (_what, body) => {
    for (const options of [{}, by('eventName', 'A'), by('contains', 'A'), by('eventName', '*')]) {
      expect(texts(await search(body, options))).toEqual(['{"eventName":"A"}'])
    }
    expect((await search(body, { form: { type: 'fields', fields: ['eventName'] } })).values).toEqual([['A']])
  })

  test('an empty list of records has none', async () => {
    expect(await search(gzipSync('{"Records":[]}'))).toMatchObject({
      lines: [],
      code: undefined,
      counts: { logs: 1, records: 0 },
    })
  })
})

const log = gzipSync(records('{"eventName":"A"}'))
const damaged = 'the file is damaged: fetch the log again'

test.each([
  ['without Records', '{"a":1}', 'object.not-a-log', undefined],
  ['with two lists of Records', '{"Records":[{"a":1}],"Records":[]}', 'object.not-a-log', undefined],
  ['with a record that is not an object', '{"Records":[{},1]}', 'object.not-a-log', undefined],
  ['that ends in the middle', '{"Records":[{"eventName":"A"}', 'object.not-a-log', undefined],
  ['that is empty', '', 'object.not-a-log', undefined],
  ['that is not JSON', 'hello', 'object.not-a-log', undefined],
  ['with something after its JSON', `${records('{"eventName":"A"}')}x`, 'object.not-a-log', undefined],
  ['that is zipped and ends in the middle', log.subarray(0, -5), 'object.truncated-gzip', damaged],
  ['that is zipped and ends in its header', log.subarray(0, 6), 'object.truncated-gzip', damaged],
  [
    'with something after its last gzip member',
    Buffer.concat([log, Buffer.from('junk')]),
    'object.corrupt-gzip',
    damaged,
  ],
  [
    'with a wrong checksum',
    Buffer.concat([log.subarray(0, -8), Buffer.alloc(4), log.subarray(-4)]),
    'object.corrupt-gzip',
    damaged,
  ],
  ['that is zipped twice', gzipSync(log), 'object.not-a-log', undefined],
])('a file %s fails, and the error names it', async (_what, body, code, hint) => {
  for (const options of [{}, by('eventName', 'A'), { form: { type: 'fields', fields: ['eventName'] } as const }]) {
    expect(await search(body, options)).toMatchObject({
      code,
      hint,
      lines: [],
      values: [],
      counts: { logs: 0, records: 0 },
    })
  }
})

test.each([
  ['zipped', gzipSync(records(`{"x":"${'x'.repeat(2000)}"}`)), 'raise --max-inflated if you trust this file'],
  ['unzipped', records(`{"x":"${'x'.repeat(2000)}"}`), 'raise --max-inflated'],
])('a file that is larger than the limit when unzipped fails: %s', async (_what, body, hint) => {
  expect(await search(body, { maxInflatedBytes: 2000 })).toMatchObject({ code: 'object.inflates-too-much', hint })
  expect((await search(body, { maxInflatedBytes: 3000 })).lines).toHaveLength(1)
})

describe('a damaged log', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u0041',
    '\\/',
    'A',
    ' ',
    '\n',
    '\0',
    '\xff',
    '\xed',
    '"Records":',
    '"Records":[',
    '1e5',
  ]
  const original = Buffer.from(
    records(
      '{"eventName":"A","eventID":"1","x":[1,{"y":null}]}',
      String.raw`{"eventName":"\u0041","z":"a\/b"}`,
      '{"eventName":"B","userIdentity":{"userName":"A"}}',
    ),
  )
  /** Replaces some bytes by others: as many, fewer or more. */
  const change = fc.record({
    at: fc.nat(original.length - 1),
    removed: fc.nat(4),
    added: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...pieces).map((piece) => Buffer.from(piece, 'latin1')) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
    ),
  })
  const changes = fc.array(change, { minLength: 1, maxLength: 3 })
  const changed = (bytes: Buffer, list: readonly { at: number; removed: number; added: Buffer }[]) =>
    list.reduce((rest, { at, removed, added }) => {
      const start = at % (rest.length + 1)
      return Buffer.concat([rest.subarray(0, start), added, rest.subarray(start + removed)])
    }, bytes)

  /** What JSON.parse reads. Undefined if it reads no log. */
  function parsed(bytes: Buffer): Record<string, unknown>[] | undefined {
    try {
      const value = JSON.parse(bytes.toString().replace(/^\ufeff/, '')) as { readonly Records?: unknown }
      const list: unknown = value.Records
      if (!Array.isArray(list)) return undefined
      return list.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one)) ? list : undefined
    } catch {
      return undefined
    }
  }

  async function check(file: Buffer, unzipped: Buffer | undefined, name: string): Promise<void> {
    const wanted = unzipped && parsed(unzipped)
    const all = await search(file, {}, name)
    const shown = { file: file.toString('latin1'), code: all.code }
    if (all.code !== undefined) {
      expect(all.code).toMatch(/^object\.(not-a-log|truncated-gzip|corrupt-gzip|not-gzip)$/)
      // JSON.parse takes the last one of several lists.
      const isAmbiguous = (unzipped?.toString().match(/Records/g)?.length ?? 0) > 1
      if (!isAmbiguous) expect({ ...shown, wanted }).toEqual({ ...shown, wanted: undefined })
      return
    }
    const found = texts(all).map((line): unknown => JSON.parse(line))
    expect(found.length + all.counts.unreadable).toBe(all.counts.records)
    if (wanted === undefined)
      expect({ ...shown, unreadable: all.counts.unreadable }).not.toMatchObject({ unreadable: 0 })
    else expect({ ...shown, found }).toEqual({ ...shown, found: wanted })
    // What is chosen by its bytes is what is found among all.
    const named = (await search(file, by('eventName', 'A'), name)).lines
    const isNamed = (line: Buffer) => (JSON.parse(String(line)) as { eventName?: unknown }).eventName === 'A'
    expect({ ...shown, named }).toEqual({ ...shown, named: all.lines.filter(isNamed) })
  }

  test('gives an error that names the file, or the records that JSON.parse reads', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = changed(original, list)
        const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
        if (!isGzip) await check(bytes, bytes, 'damaged.json')
        await check(gzipSync(bytes), bytes, 'damaged.json.gz')
      }),
      { numRuns: 300 },
    )
  })

  test('gives an error that names the file, or what gunzip reads, if the zipped bytes are damaged', async () => {
    const zipped = gzipSync(original)
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = changed(zipped, list)
        let unzipped: Buffer | undefined
        try {
          unzipped = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
        } catch {
          unzipped = undefined
        }
        const { code } = await search(bytes)
        // gunzipSync ignores what follows the last member.
        if (code !== 'object.corrupt-gzip') await check(bytes, unzipped, 'damaged.json.gz')
      }),
      { numRuns: 200 },
    )
  })
})
