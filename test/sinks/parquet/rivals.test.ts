import fc from 'fast-check'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CrosstrailError } from '../../../src/error.ts'
import { eventRow } from '../../../src/records/event-row.ts'
import { openDatasetAt } from '../../../src/sinks/parquet/dataset.ts'
import type { DatasetPlace } from '../../../src/sinks/parquet/dataset-place.ts'
import type { DatasetReport } from '../../../src/sinks/parquet/dataset-report.ts'
import { FolderPlace } from '../../../src/sinks/parquet/folder-place.ts'
import type { PartNames } from '../../../src/sinks/parquet/part-names.ts'
import { PartWriters } from '../../../src/sinks/parquet/part-writers.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { parquetFilesBelow, rowsOf } from './read-parquet.ts'

const names = { stamp: '20261130T000000Z', random: '0123abcd' }
const noonMs = Date.parse('2026-11-30T12:00:00Z')
const log = { logAccount: '222222222222', region: 'us-east-1', kind: 'events', file: 'a.json.gz' }

interface Event {
  readonly eventID?: string
  readonly eventName: string
}

const events: readonly Event[] = Array.from({ length: 400 }, (_, at) => ({
  ...(at % 50 !== 0 && { eventID: `event-${at}` }),
  eventName: `Name${at} ${'x'.repeat(500)}`,
}))
const namesOf = (of: readonly { readonly eventName?: unknown }[]) =>
  of.map(({ eventName }) => String(eventName)).toSorted()

/** One attempt. It publishes a file for each 40 KB of rows. */
async function write(
  root: string,
  rows: readonly Event[],
  { place = new FolderPlace(root), ...more }: { place?: DatasetPlace; writers?: PartWriters; names?: PartNames } = {},
): Promise<DatasetReport> {
  const folder = join(tempFolder(), 'temp')
  mkdirSync(folder)
  const dataset = await openDatasetAt({
    place,
    tempFolder: folder,
    names,
    hasRivals: true,
    bufferBytes: 80_000,
    ...more,
  })
  try {
    for (const row of rows) await dataset.add(eventRow(Buffer.from(JSON.stringify(row)), log), noonMs)
    return await dataset.close()
  } finally {
    await dataset.abort()
  }
}

/** A place whose program is killed when it has published some files. */
function killedAfter(place: DatasetPlace, files: number): DatasetPlace {
  let left = files
  return {
    has: (folder, name) => place.has(folder, name),
    filesOf: (folder, isWanted) => place.filesOf(folder, isWanted),
    publish(path, folder, name) {
      if (left-- === 0) return Promise.reject(new CrosstrailError('interrupted', 'killed'))
      return place.publish(path, folder, name)
    },
    sync: () => place.sync(),
  }
}

function shuffled(seed: number): Event[] {
  const weight = (at: number) => Math.sin(seed * 1000 + at)
  return events
    .map((event, at) => ({ event, at: weight(at) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ event }) => event)
}

test('an attempt after one that was killed writes what is missing, in whatever order its rows come', async () => {
  const writers = new PartWriters()
  const kills = fc.array(fc.record({ files: fc.integer({ min: 0, max: 6 }), seed: fc.nat(1000) }), { maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(kills, fc.nat(1000), async (attempts, seed) => {
      const root = tempFolder()
      for (const { files, seed: order } of attempts) {
        const place = killedAfter(new FolderPlace(root), files)
        await write(root, shuffled(order), { place }).catch(() => undefined)
      }
      const published = (await rowsOf(root)).length
      const { rows, known } = await write(root, shuffled(seed), { writers })
      expect(rows + known).toBe(events.length)
      expect(known).toBe(published)
      expect(namesOf(await rowsOf(root))).toEqual(namesOf(events))
    }),
    { numRuns: 8 },
  )
  writers.close()
})

test('attempts at the same time write each event once', async () => {
  const root = tempFolder()
  const reports = await Promise.all([1, 2, 3].map((seed) => write(root, shuffled(seed))))
  expect(namesOf(await rowsOf(root))).toEqual(namesOf(events))
  expect(reports.reduce((sum, { rows }) => sum + rows, 0)).toBe(events.length)
  for (const { rows, known } of reports) expect(rows + known).toBe(events.length)
})

test('an attempt that could read more logs adds their events', async () => {
  const root = tempFolder()
  await write(root, events.slice(100))
  expect(await write(root, shuffled(7))).toMatchObject({ rows: 100, known: 300 })
  expect(namesOf(await rowsOf(root))).toEqual(namesOf(events))
})

test('parts of the same run are not compared with each other, and other runs are', async () => {
  const root = tempFolder()
  await write(root, events, { names: { ...names, stamp: '20261130T060000Z' } })
  expect(await write(root, events.slice(1, 50))).toMatchObject({ rows: 49, known: 0 })
  const other = { stamp: names.stamp, random: 'ffffffff' }
  expect(await write(root, events.slice(1, 50), { names: other })).toMatchObject({ rows: 0, known: 49 })
})

test('an attempt that has nothing new writes no file', async () => {
  const root = tempFolder()
  await write(root, events)
  const files = parquetFilesBelow(root)
  expect(files.length).toBeGreaterThan(2)
  expect(await write(root, shuffled(3))).toMatchObject({ files: 0, rows: 0, known: events.length })
  expect(parquetFilesBelow(root)).toEqual(files)
})

test('a writer that is kept counts each dataset from zero', async () => {
  const writers = new PartWriters()
  const odd = { eventID: 'a', eventName: 'A', readOnly: 'maybe' }
  const first = await write(tempFolder(), [odd], { writers })
  const second = await write(tempFolder(), [odd], { writers })
  expect([first.misfits, second.misfits]).toEqual([1, 1])
  writers.close()
})
