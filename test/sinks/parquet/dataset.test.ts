import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventRow } from '../../../src/records/event-row.ts'
import { type DatasetOptions, openDataset } from '../../../src/sinks/parquet/dataset.ts'
import { codeOfAsync } from '../../disk/error-code.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { duckRowsOf, parquetFilesBelow, rowsOf } from './read-parquet.ts'

const noonMs = Date.parse('2026-11-30T12:00:00Z')
const log = { logAccount: '222222222222', region: 'us-east-1', kind: 'events', file: 'a.json.gz' }

function row(record: object | string, origin: Partial<typeof log> = {}): Buffer {
  return eventRow(Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)), { ...log, ...origin })
}

interface Timed {
  readonly row: Buffer
  readonly timeMs: number
}

function event(at: number, more: object = {}, origin: Partial<typeof log> = {}): Timed {
  const timeMs = noonMs + at * 1000
  const eventTime = new Date(timeMs).toISOString().replace('.000Z', 'Z')
  return { row: row({ eventID: `event-${at}`, eventTime, eventName: 'GetObject', ...more }, origin), timeMs }
}

async function write(root: string, rows: readonly Timed[], options: Partial<DatasetOptions> = {}) {
  const dataset = await openDataset({ root, ...options })
  try {
    for (const { row, timeMs } of rows) await dataset.add(row, timeMs)
    return await dataset.close()
  } finally {
    await dataset.abort()
  }
}

async function only(record: object | string, timeMs = noonMs) {
  const root = tempFolder()
  const report = await write(root, [{ row: row(record), timeMs }])
  const [found] = await rowsOf(root)
  return { report, found }
}

test('rows go to folders by log account, region and the day of the event, in the order of their time', async () => {
  const root = tempFolder()
  const west = { logAccount: '333333333333', region: 'us-west-2' }
  const report = await write(root, [event(5), event(1), event(86_400), event(2, {}, west)])
  expect(report).toMatchObject({ files: 3, rows: 4, known: 0, misfits: 0, repaired: 0 })
  expect(parquetFilesBelow(root)).toEqual([
    expect.stringMatching(
      /^account=222222222222\/region=us-east-1\/date=2026-11-30\/part-\d{8}T\d{6}Z-0001-[0-9a-f]{8}\.parquet$/,
    ),
    expect.stringMatching(/^account=222222222222\/region=us-east-1\/date=2026-12-01\/part-/),
    expect.stringMatching(/^account=333333333333\/region=us-west-2\/date=2026-11-30\/part-/),
  ])
  expect((await rowsOf(root)).map(({ eventID }) => eventID)).toEqual(['event-1', 'event-5', 'event-86400', 'event-2'])
  expect(readdirSync(join(root, '.crosstrail/tmp'))).toEqual([])
  for (const name of parquetFilesBelow(root)) expect(statSync(join(root, name)).mode & 0o777).toBe(0o600)
})

test('DuckDB and hyparquet read the same rows', async () => {
  const root = tempFolder()
  const odd = {
    userIdentity: { type: 'Root', arn: 'arn:aws:iam::1:root', é: 'ü\n"\\' },
    readOnly: true,
    errorMessage: 'a\u0000\u001fb\n',
  }
  await write(root, [event(1, odd), event(2, { readOnly: false, managementEvent: true, errorCode: '' })])
  const place = { account: '222222222222', region: 'us-east-1', date: '2026-11-30' }
  const hyparquet = (await rowsOf(root)).map((found) => ({ ...found, ...place }))
  expect(await duckRowsOf(root)).toEqual(hyparquet)
  expect(hyparquet[0]).toMatchObject({ userIdentity: JSON.stringify(odd.userIdentity), errorMessage: odd.errorMessage })
  expect(hyparquet[1]).toMatchObject({ readOnly: false, managementEvent: true, errorCode: '', userAgent: null })
})

test('nested values keep the very bytes that CloudTrail wrote', async () => {
  const text = '{"n": 12345678901234567890.10,\t"e":1e400,"n":[{"a":null}],"s":"\\u00e9\\/"}'
  const { found } = await only(`{"requestParameters":${text},"responseElements":null}`)
  expect(found).toMatchObject({ requestParameters: text, responseElements: null, other: null })
})

test('fields without a column go to other, also those that have the name of a column of ours', async () => {
  const { found, report } = await only('{"new":[1, 2],"kind":"x","other":{"a":1},"log_account":"9","eventName":"A"}')
  expect(found).toMatchObject({ kind: 'events', log_account: '222222222222', eventName: 'A' })
  expect(found?.['other']).toBe('{"new":[1, 2],"kind":"x","other":{"a":1},"log_account":"9"}')
  expect(report.misfits).toBe(0)
})

test.each([
  ['a text where true or false belongs', '{"readOnly":"maybe"}', { readOnly: null, other: '{"readOnly":"maybe"}' }],
  ['an object where text belongs', '{"eventName":{"a":1}}', { eventName: null, other: '{"eventName":{"a":1}}' }],
  ['an eventTime that is none', '{"eventTime":"noon"}', { eventTime: new Date(noonMs), other: '{"eventTime":"noon"}' }],
  ['an eventTime of another type', '{"eventTime":12}', { eventTime: new Date(noonMs), other: '{"eventTime":12}' }],
])('%s goes to other, and is counted', async (_, record, expected) => {
  const { found, report } = await only(record)
  expect(found).toMatchObject(expected)
  expect(report).toMatchObject({ rows: 1, misfits: 1 })
})

test.each([
  ['true as text', '{"readOnly":"true"}', { readOnly: true }],
  ['a number as text', '{"errorCode":403}', { errorCode: '403' }],
  ['the last of several fields', '{"eventName":"A","eventName":"B"}', { eventName: 'B' }],
  ['null after a value', '{"eventName":"A","eventName":null}', { eventName: null }],
  ['an escaped field name', '{"event\\u004eame":"A"}', { eventName: 'A' }],
  ['an aggregated id', '{"eventId":"x","accountId":"1"}', { eventID: 'x', accountId: '1' }],
  ['an empty record', '{}', { eventID: null, eventTime: new Date(noonMs) }],
  ['spaces everywhere', ' {"eventName" : "A" , "resources" : [ ] } '.trim(), { eventName: 'A', resources: '[ ]' }],
])('%s fits', async (_, record, expected) => {
  const { found, report } = await only(record)
  expect(found).toMatchObject(expected)
  expect(report.misfits).toBe(0)
})

test('an event without a time gets no date', async () => {
  const root = tempFolder()
  await write(root, [{ row: row({ eventID: 'a' }), timeMs: Number.NaN }])
  expect(parquetFilesBelow(root)).toEqual([expect.stringMatching(/\/date=__HIVE_DEFAULT_PARTITION__\/part-/)])
  expect(await duckRowsOf(root)).toMatchObject([{ eventID: 'a', eventTime: null, date: null }])
})

test('microseconds of an event time are kept', async () => {
  const root = tempFolder()
  await write(root, [{ row: row({ eventTime: '2026-11-30T12:00:00.123456Z' }), timeMs: noonMs + 123 }])
  const [found] = await duckRowsOf(root)
  expect(found).toMatchObject({ other: null })
})

test.each([
  ['invalid UTF-8', Buffer.from('7b226576656e744e616d65223a22ff41227d', 'hex'), { eventName: '\ufffdA' }],
  ['half a character in text', Buffer.from('{"eventName":"\\ud800A"}'), { eventName: '\ufffdA' }],
  [
    'half a character in JSON',
    Buffer.from('{"resources":"\\\\ud800\\uD83D\\uDE00\\udc00A"}'),
    { resources: '"\\\\ud800\\uD83D\\uDE00\\ufffdA"' },
  ],
])('%s is repaired, and counted', async (_, record, expected) => {
  const root = tempFolder()
  const report = await write(root, [{ row: eventRow(record, log), timeMs: noonMs }])
  expect(report).toMatchObject({ rows: 1, repaired: 1 })
  expect(await rowsOf(root)).toMatchObject([expected])
})

test('records of a megabyte and records that are nested very deeply are kept', async () => {
  const root = tempFolder()
  const deep = `${'{"a":['.repeat(20_000)}${']}'.repeat(20_000)}`
  const large = 'x'.repeat(1024 * 1024)
  await write(root, [
    { row: row(`{"eventID":"deep","requestParameters":${deep}}`), timeMs: noonMs },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((at) => event(at, { requestParameters: large })),
  ])
  const rows = await rowsOf(root)
  expect(rows).toHaveLength(11)
  expect(rows[0]).toMatchObject({ requestParameters: deep })
  expect(rows[10]).toMatchObject({ requestParameters: JSON.stringify(large) })
})

test('a region that is no plain name cannot leave the folder', async () => {
  const root = tempFolder()
  const regions = ['../../x', 'a/b', '', 'é', '.', 'x'.repeat(300), 'a=b']
  await write(
    root,
    regions.map((region, at) => event(at, {}, { region })),
  )
  const folders = parquetFilesBelow(root).map((name) => name.split('/').slice(0, -1))
  expect(folders.every((folder) => folder.length === 3 && folder.every((name) => /^[a-z]+=[\w%-]+$/.test(name)))).toBe(
    true,
  )
  const read = (await duckRowsOf(root)).map(({ region, log_region }) => [log_region, region])
  expect(Object.fromEntries(read)).toMatchObject({
    '../../x': '../../x',
    'a/b': 'a/b',
    é: 'é',
    'a=b': 'a=b',
    ['x'.repeat(300)]: null,
  })
})

test('events that a partition holds are not written again', async () => {
  const root = tempFolder()
  await write(root, [event(1), event(2)])
  expect(await write(root, [event(1), event(2)])).toMatchObject({ files: 0, rows: 0, known: 2 })
  expect(await write(root, [event(2), event(3)])).toMatchObject({ files: 1, rows: 1, known: 1 })
  expect((await rowsOf(root)).map(({ eventID }) => String(eventID)).toSorted()).toEqual([
    'event-1',
    'event-2',
    'event-3',
  ])
})

test('rows without an event id are always new, but for a run that repeats one that was killed', async () => {
  const root = tempFolder()
  const rows = [{ row: row({ eventName: 'A' }), timeMs: noonMs }]
  const names = { stamp: '20261130T120000Z', random: '0123abcd' }
  await write(root, rows, { names })
  await write(root, rows, { names })
  expect(await rowsOf(root)).toHaveLength(1)
  await write(root, rows)
  expect(await rowsOf(root)).toHaveLength(2)
})

test.each([
  ['sorted by day', (at: number) => Math.floor(at / 100)],
  ['in any order of days', (at: number) => at % 7],
])('more rows than the memory may hold, %s, are written to one file for each day, each once', async (_, dayOf) => {
  const root = tempFolder()
  const rows = Array.from({ length: 700 }, (_, at) => event(dayOf(at) * 86_400 + at, { requestParameters: { at } }))
  const bufferBytes = 40_000
  const report = await write(root, rows, { bufferBytes })
  expect(report).toMatchObject({ rows: 700, known: 0, files: parquetFilesBelow(root).length })
  expect(report.files).toBeLessThanOrEqual(14)
  expect(new Set((await rowsOf(root)).map(({ eventID }) => eventID)).size).toBe(700)
  expect(await write(root, rows, { bufferBytes })).toMatchObject({ rows: 0, known: 700, files: 0 })
})

test('an aborted dataset leaves nothing', async () => {
  const root = tempFolder()
  const dataset = await openDataset({ root })
  await dataset.add(event(1).row, noonMs)
  await dataset.abort()
  expect(parquetFilesBelow(root)).toEqual([])
  expect(readdirSync(join(root, '.crosstrail/tmp'))).toEqual([])
})

test('a link in place of a partition is not followed', async () => {
  const root = tempFolder()
  const elsewhere = tempFolder()
  mkdirSync(join(root, 'account=222222222222'))
  symlinkSync(elsewhere, join(root, 'account=222222222222/region=us-east-1'))
  expect(await codeOfAsync(() => write(root, [event(1)]))).toBe('object.unsafe-path')
  expect(readdirSync(elsewhere)).toEqual([])
})

test.each([
  ['is no Parquet', () => Buffer.from('no Parquet')],
  ['is cut short', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
  ['is garbled', (whole: Buffer) => Buffer.concat([whole.subarray(0, -60), Buffer.alloc(52, 7), whole.subarray(-8)])],
])('a file in a partition that %s is an error that names it', async (_, bytesOf) => {
  const root = tempFolder()
  const folder = join(root, 'account=222222222222/region=us-east-1/date=2026-11-30')
  mkdirSync(folder, { recursive: true })
  await write(root, [event(1)])
  const [name = ''] = parquetFilesBelow(root)
  writeFileSync(join(folder, 'x.parquet'), bytesOf(readFileSync(join(root, name))))
  expect(await codeOfAsync(() => write(root, [event(1)]))).toBe('object.not-a-dataset')
  expect(existsSync(join(folder, 'x.parquet'))).toBe(true)
})
