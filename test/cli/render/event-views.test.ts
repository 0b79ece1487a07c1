import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { paintFor } from '../../../src/cli/render/colour.ts'
import { countView } from '../../../src/cli/render/count-view.ts'
import { displayWidth } from '../../../src/cli/render/display-width.ts'
import { tableFields, tableView } from '../../../src/cli/render/event-table.ts'
import { csvView, type EventView, fieldsJsonView, recordView } from '../../../src/cli/render/event-views.ts'
import { LineWriter } from '../../../src/cli/render/line-writer.ts'
import { type FoundRecords, joinLines } from '../../../src/verbs/events/found-records.ts'
import type { FieldValue } from '../../../src/verbs/events/record-form.ts'
import { codeOf } from '../../disk/error-code.ts'

/** The lines that a view writes for records. */
async function linesOf(view: (writer: LineWriter) => EventView, found: readonly Partial<FoundRecords>[]) {
  const stream = new PassThrough()
  let text = ''
  stream.setEncoding('utf8').on('data', (data: string) => (text += data))
  const writer = new LineWriter(stream)
  const shown = view(writer)
  for (const one of found) shown.found(one as FoundRecords)
  shown.finish?.()
  await writer.flush()
  return text.split('\n').slice(0, -1)
}

const rows = (...values: readonly (readonly FieldValue[])[]): Partial<FoundRecords> => ({ values })
const noPaint = paintFor(new PassThrough(), {}, true)
const colours = paintFor(new PassThrough(), { FORCE_COLOR: '1' }, false)
const table = (width: number | undefined, fields: readonly string[], ...values: readonly (readonly FieldValue[])[]) =>
  linesOf((writer) => tableView({ fields, width }, writer, noPaint), [rows(...values)])

const call: readonly FieldValue[] = [
  '2026-11-05T20:00:00Z',
  '444444444444',
  'ap-southeast-2',
  'OrgAccess/alice-with-a-long-name',
  'PutBucketNotificationConfiguration',
  'iam.amazonaws.com',
  '198.51.100.24',
  'Client.UnauthorizedOperation',
  'arn:aws:iam::444444444444:role/BreakGlass',
]

const hostile = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', '\u001b[31m', '\u202e', '漢', '😀', '\ud83d', 'e\u0301', '\u200b', '=', '\t'),
  maxLength: 60,
})

describe('the table of events', () => {
  test.each([
    [200, 'TIME ACCOUNT REGION USER EVENT SOURCE ADDRESS ERROR RESOURCE'],
    [124, 'TIME ACCOUNT REGION USER EVENT SOURCE ADDRESS ERROR RESOURCE'],
    [120, 'TIME ACCOUNT USER EVENT SOURCE ADDRESS ERROR RESOURCE'],
    [100, 'TIME USER EVENT ADDRESS ERROR RESOURCE'],
    [80, 'TIME USER EVENT ERROR RESOURCE'],
    [60, 'TIME USER EVENT ERROR'],
    [40, 'TIME EVENT'],
    [20, 'EVENT'],
  ])('has the most important columns on a terminal with %i columns', async (width, titles) => {
    const [line = ''] = await table(width, [], call)
    expect(line.split(/ +/).join(' ')).toBe(titles)
  })

  test('at 80 columns looks like this', async () => {
    expect(await table(80, [], call)).toEqual([
      'TIME                  USER        EVENT                   ERROR     RESOURCE',
      '2026-11-05T20:00:00Z  OrgAccess…  PutBucketNotification…  Client.…  …role/Break…',
    ])
  })

  test('leaves out nothing and cuts nothing if it does not go to a terminal', async () => {
    const [titles = '', line = ''] = await table(undefined, [], call)
    expect(titles.split(/ +/)).toHaveLength(tableFields.length)
    expect(line.split(/ +/)).toEqual(call.map((value) => (value === 'iam.amazonaws.com' ? 'iam' : value)))
  })

  test('shows each field that was chosen, also on a narrow terminal', async () => {
    expect(await table(30, ['log_region', 'eventSource', 'a.b'], ['eu-1', 'iam.amazonaws.com', 'value'])).toEqual([
      'REGION    SOURCE      a.b',
      'eu-1      iam         value',
    ])
    const [titles = ''] = await table(30, ['a', 'b', 'c', 'd', 'e'], ['1', '2', '3', '4', '5'])
    expect(titles.split(/ +/)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('gives the last column all room that is left', async () => {
    const message = 'not authorized '.repeat(5).trim()
    const [, line = ''] = await table(110, ['eventName', 'errorMessage'], ['GetObject', message])
    expect(line).toContain(message)
  })

  test('wide characters take two columns, and the next column stays aligned', async () => {
    expect(await table(24, ['user', 'kind'], ['漢字漢字漢字漢字', 'events'], ['e\u0301', 'events'])).toEqual([
      'USER            kind',
      '漢字漢字漢字…   events',
      'e\u0301               events',
    ])
  })

  test('no line is wider than the terminal, and none holds a control character or half a character', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 220 }),
        fc.oneof(
          fc.constant([]),
          fc.array(fc.constantFrom(...tableFields, 'a.b', '漢字'), { minLength: 1, maxLength: 12 }),
        ),
        fc.array(fc.array(hostile, { minLength: 12, maxLength: 12 }), { maxLength: 3 }),
        async (width, fields, values) => {
          const shown = values.map((row) => row.slice(0, fields.length || tableFields.length))
          for (const line of await table(width, fields, ...shown)) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width)
            expect(line).not.toMatch(/[\p{Cc}\p{Cf}]|\p{Surrogate}/u)
          }
        },
      ),
    )
  })

  test('errors are red, and a call without an error is not', async () => {
    const fields = ['eventName', 'errorCode']
    const [, denied = '', done = ''] = await linesOf(
      (writer) => tableView({ fields, width: 80 }, writer, colours),
      [rows(['A', 'AccessDenied'], ['B', undefined])],
    )
    expect(denied).toContain('\u001b[31mAccessDenied')
    expect(done).toBe(stripVTControlCharacters(done))
    expect(done).toMatch(/^B +-$/)
  })
})

const formulas = ["=cmd|'/C calc'!A0", '+1', '-1', '@SUM(A1)', ' =1', '\t=1', '＝1']
const isFormula = /^"?\s*[=+\-@＝]/

describe('CSV', () => {
  test('of records and of counts has no cell that a spreadsheet would run, not even in the titles', async () => {
    const values = formulas.map((formula) => [formula, 'x'])
    const records = await linesOf((writer) => csvView(['=1', 'plain'], writer), [rows(...values)])
    const counts = await linesOf(
      (writer) => countView({ fields: ['=1', 'plain'], format: 'csv', limit: undefined, width: undefined }, writer),
      [rows(...values)],
    )
    expect(records).toHaveLength(formulas.length + 1)
    expect(counts).toHaveLength(formulas.length + 1)
    for (const line of records) expect(line).not.toMatch(isFormula)
    for (const line of counts) expect(line.replace(/^(?:1|count),/, '')).not.toMatch(isFormula)
    expect(records[0]).toBe("'=1,plain")
    expect(counts[0]).toBe("count,'=1,plain")
  })

  test('numbers stay numbers, and a missing value is an empty cell', async () => {
    expect(await linesOf((writer) => csvView(['a', 'b', 'c'], writer), [rows([-1, null, undefined])])).toEqual([
      'a,b,c',
      '-1,,',
    ])
  })

  test('has its titles if there are no records', async () => {
    expect(await linesOf((writer) => csvView(['a', 'b'], writer), [])).toEqual(['a,b'])
  })
})

describe('JSON', () => {
  const text = '{"a":"\u001b[31m\u202e\\u0041é"}'
  const found = { ...joinLines([Buffer.from(`${text}\n`)]), count: 1 }

  test("in a pipe is the record's own bytes", async () => {
    expect(await linesOf((writer) => recordView(writer, false), [found])).toEqual([text])
  })

  test('on a terminal has no control characters, and means the same', async () => {
    const [line = ''] = await linesOf((writer) => recordView(writer, true), [found])
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(JSON.parse(line)).toEqual(JSON.parse(text.replaceAll('\u001b', '\\u001b')))
  })

  test('of fields has null for a missing value', async () => {
    expect(await linesOf((writer) => fieldsJsonView(['a', 'b'], writer), [rows(['\u202e', undefined])])).toEqual([
      '{"a":"\\u202e","b":null}',
    ])
  })
})

describe('counts', () => {
  const found = [rows(['a', 1], ['b', 2], ['a', 1]), rows(['a', 1], ['漢字', null])]
  const shown = (format: 'table' | 'json' | 'csv', limit?: number, width?: number) =>
    linesOf((writer) => countView({ fields: ['x', 'y'], format, limit, width }, writer), found)

  test('as a table have bars, the most frequent values first', async () => {
    expect(await shown('table')).toEqual([
      'COUNT                            x     y',
      `    3  ${'█'.repeat(24)}  a     1`,
      `    1  ${'█'.repeat(8)}${' '.repeat(16)}  b     2`,
      `    1  ${'█'.repeat(8)}${' '.repeat(16)}  漢字  -`,
    ])
  })

  test('as JSON and CSV', async () => {
    expect(await shown('json', 2)).toEqual(['{"count":3,"x":"a","y":1}', '{"count":1,"x":"b","y":2}'])
    expect(await shown('csv', 1)).toEqual(['count,x,y', '3,a,1'])
  })

  test.each([100, 60, 40, 20])('no line is wider than a terminal with %i columns', async (width) => {
    const long = [rows(['漢字'.repeat(20), 'x y '.repeat(30)], ['😀', 'z'])]
    const lines = await linesOf(
      (writer) => countView({ fields: ['x', 'y'], format: 'table', limit: undefined, width }, writer),
      long,
    )
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width)
  })

  test('of no records are an empty table', async () => {
    const view = (writer: LineWriter) =>
      countView({ fields: ['x'], format: 'table', limit: undefined, width: 80 }, writer)
    expect(await linesOf(view, [])).toEqual([])
  })

  test('of more values than memory holds are refused', () => {
    const view = countView(
      { fields: ['eventID'], format: 'json', limit: undefined, width: undefined },
      new LineWriter(new PassThrough()),
    )
    const values = Array.from({ length: 1_000_000 }, (_, at) => [at])
    view.found({ values } as unknown as FoundRecords)
    view.found(rows([1]) as FoundRecords)
    expect(codeOf(() => view.found(rows([-1]) as FoundRecords))).toBe('usage.too-many-groups')
  })
})
