import { existsSync, readdirSync, statSync, truncateSync } from 'node:fs'
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

/** The expected order: by time, then file, then place. Records without a time come last. */
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
  ['in memory', 1_000_000, 64],
  ['in many runs on disk', 1000, 64],
  ['in a run for each log', 0, 64],
  ['in runs that are merged when there are three', 0, 3],
])('sorted %s', (_where, mostBytes, mostRuns) => {
  test('records come by time, then by file and place, and records without a time come last', () => {
    const tempRoot = tempFolder()
    fc.assert(
      fc.property(times, fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }), (logs, limit) => {
        const sorter = new TimeSorter({ limit, mostBytes, mostRuns, tempRoot })
        for (const [index, one] of logs.entries()) sorter.add(log(`f${index}`, one))
        expect(shown(sorter)).toEqual(ordered(logs).slice(0, limit))
        sorter.close()
        expect(readdirSync(tempRoot)).toEqual([])
      }),
    )
  })
})

test('values, ids and what the log says survive the disk', () => {
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

test('lines that are longer than one read survive the disk, also if they are not UTF-8', () => {
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

test('with a limit only the earliest records are kept, and nothing is written to disk', () => {
  const sorter = new TimeSorter({ limit: 3, mostBytes: 10_000, tempRoot: tempFolder() })
  for (let round = 0; round < 100; round++) sorter.add(log(`f${round}`, [5, 4, 3, 2, 1, 0, 9, 8, 7]))
  expect(sorter.hasSpilled).toBe(false)
  expect(shown(sorter)).toEqual(['f0 5 0', 'f1 5 0', 'f10 5 0'])
})

test('the temporary folder is private to this user', () => {
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

test('the temporary folder is removed if reading stops early', () => {
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

test('no more runs are open than allowed, and merged runs are removed', () => {
  const tempRoot = tempFolder()
  const sorter = new TimeSorter({ mostBytes: 0, mostRuns: 4, tempRoot })
  for (let round = 0; round < 50; round++) {
    sorter.add(log(`f${round}`, [round]))
    const [folder = ''] = readdirSync(tempRoot)
    expect(readdirSync(join(tempRoot, folder)).length).toBeLessThan(4)
  }
  expect(shown(sorter)).toHaveLength(50)
  sorter.close()
})

test('a few long values are written to disk too, because they fill the memory', () => {
  const sorter = new TimeSorter({ mostBytes: 1_000_000, tempRoot: tempFolder() })
  const found = { log: { file: 'f' }, count: 1, ids: Buffer.alloc(16), timesMs: Float64Array.of(1) }
  for (let round = 0; round < 10; round++) sorter.add({ ...found, values: [['x'.repeat(100_000)]] })
  expect(sorter.hasSpilled).toBe(true)
  sorter.close()
})

test.each([1, 100, -1])('a run that was cut to %i bytes by somebody else is an error of the disk', (length) => {
  const tempRoot = tempFolder()
  const sorter = new TimeSorter({ mostBytes: 0, tempRoot })
  sorter.add(log('f', [1, 2, 3]))
  const [folder = ''] = readdirSync(tempRoot)
  const path = join(tempRoot, folder, 'run-0')
  truncateSync(path, length < 0 ? statSync(path).size + length : length)
  expect(codeOf(() => shown(sorter))).toBe('disk.failed')
  sorter.close()
})
