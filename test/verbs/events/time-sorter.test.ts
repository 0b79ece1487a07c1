import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FoundRecords, joinLines, linesOf } from '../../../src/verbs/events/found-records.ts'
import type { FieldValue } from '../../../src/verbs/events/record-form.ts'
import { TimeSorter } from '../../../src/verbs/events/time-sorter.ts'
import { codeOf } from '../../disk/error-code.ts'
import { tempFolder } from '../../disk/temp-folder.ts'

/** A log with a record for each time. */
function log(file: string, times: readonly number[]): FoundRecords {
  return {
    log: { file, region: 'us-east-1' },
    count: times.length,
    ids: Buffer.concat(times.map((_, at) => Buffer.alloc(16, at + 1))),
    timesMs: Float64Array.from(times),
    ...joinLines(times.map((time, at) => Buffer.from(`${file} ${at} ${time}\n`))),
  }
}

const shown = (sorter: TimeSorter) =>
  [...sorter.sorted()].flatMap((found) => [...linesOf(found)].map((line) => Buffer.from(line).toString()))

/** Records as they should come: by time, then file, then place. Those without a time come last. */
function ordered(logs: readonly (readonly number[])[]): string[] {
  return logs
    .flatMap((times, index) => times.map((time, at) => ({ time, file: `f${index}`, at })))
    .sort((a, b) => {
      const [x, y] = [a.time, b.time].map((time) => (Number.isNaN(time) ? Infinity : time)) as [number, number]
      if (x !== y) return x < y ? -1 : 1
      return a.file === b.file ? a.at - b.at : a.file < b.file ? -1 : 1
    })
    .map(({ time, file, at }) => `${file} ${at} ${time}`)
}

const time = fc.oneof({ weight: 9, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.constant(Number.NaN) })
const times = fc.array(fc.array(time, { maxLength: 8 }), { maxLength: 9 })

describe.each([
  ['in memory', 1_000_000],
  ['in many runs on disk', 1000],
  ['in a run for each log', 0],
])('sorted %s', (_where, mostBytes) => {
  test('records come by time, then by file and place; without a time, last', () => {
    const tempRoot = tempFolder()
    fc.assert(
      fc.property(times, fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }), (logs, limit) => {
        const sorter = new TimeSorter({ limit, mostBytes, tempRoot })
        for (const [index, one] of logs.entries()) sorter.add(log(`f${index}`, one))
        expect(shown(sorter)).toEqual(ordered(logs).slice(0, limit))
        sorter.close()
        expect(readdirSync(tempRoot)).toEqual([])
      }),
    )
  })
})

test('values, ids and what is known of the log survive the disk', () => {
  const values: FieldValue[][] = [
    ['é"\n', 1.5, true, null],
    ['', 0, false, null],
  ]
  const head = { log: { file: 'é', logAccount: '1', kind: 'events' }, count: 2, timesMs: Float64Array.of(2, 1) }
  const ids = Buffer.concat([Buffer.alloc(16, 0xff), Buffer.alloc(16, 1)])
  const sorter = new TimeSorter({ mostBytes: 0, tempRoot: tempFolder() })
  sorter.add({ ...head, ids, values })
  expect(sorter.hasSpilled).toBe(true)
  const [first, second] = [...sorter.sorted()]
  expect(first).toMatchObject({ log: head.log, values: [values[1]], ids: Buffer.alloc(16, 1) })
  expect(second).toMatchObject({ log: head.log, values: [values[0]], ids: Buffer.alloc(16, 0xff) })
  sorter.close()
})

test('lines that are larger than what is read at once survive the disk, bytes that are not UTF-8 too', () => {
  const line = Buffer.concat([Buffer.alloc(1_000_000, 0xe9), Buffer.from('\n')])
  const sorter = new TimeSorter({ mostBytes: 0, tempRoot: tempFolder() })
  const one = (file: string) => ({
    log: { file },
    count: 1,
    ids: Buffer.alloc(16),
    timesMs: Float64Array.of(1),
    ...joinLines([line]),
  })
  sorter.add(one('a'))
  sorter.add(one('b'))
  const found = [...sorter.sorted()]
  expect(found.map(({ log: { file }, lines }) => [file, Buffer.compare(Buffer.from(lines ?? []), line)])).toEqual([
    ['a', 0],
    ['b', 0],
  ])
  sorter.close()
})

test('with a limit no more than the first records are kept', () => {
  const sorter = new TimeSorter({ limit: 3, mostBytes: 10_000, tempRoot: tempFolder() })
  for (let round = 0; round < 100; round++) sorter.add(log(`f${round}`, [5, 4, 3, 2, 1, 0, 9, 8, 7]))
  expect(sorter.hasSpilled).toBe(false)
  expect(shown(sorter)).toEqual(['f0 5 0', 'f1 5 0', 'f10 5 0'])
})

test('the temporary folder is for this user alone', () => {
  const tempRoot = tempFolder()
  const sorter = new TimeSorter({ mostBytes: 0, tempRoot })
  sorter.add(log('f', [1]))
  const [folder = ''] = readdirSync(tempRoot)
  expect(statSync(join(tempRoot, folder)).mode & 0o777).toBe(0o700)
  expect(
    readdirSync(join(tempRoot, folder)).map((name) => statSync(join(tempRoot, folder, name)).mode & 0o777),
  ).toEqual([0o600])
  sorter.close()
  expect(existsSync(join(tempRoot, folder))).toBe(false)
})

test('it is removed when reading stops early', () => {
  const tempRoot = tempFolder()
  const sorter = new TimeSorter({ mostBytes: 0, tempRoot })
  sorter.add(log('f', [1, 2, 3]))
  for (const _first of sorter.sorted()) break
  sorter.close()
  expect(readdirSync(tempRoot)).toEqual([])
})

test('a temporary folder that cannot be made is an error of the disk', () => {
  const tempRoot = join(tempFolder(), 'missing')
  const sorter = new TimeSorter({ mostBytes: 0, tempRoot })
  expect(codeOf(() => sorter.add(log('f', [1])))).toMatch(/^disk\./)
  sorter.close()
})
