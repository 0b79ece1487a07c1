import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { eventColumns, logColumns, otherColumn } from '../../../src/records/event-columns.ts'
import { eventRow, rowTimeMs } from '../../../src/records/event-row.ts'
import { recordsOf } from '../../../src/records/log-records.ts'
import { openDataset } from '../../../src/sinks/parquet/dataset.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { realLogs } from '../../real/rgw/real-logs.ts'
import { duckRowsOf, type ReadRow, rowsOf } from './read-parquet.ts'

const logs = realLogs()
if (logs === undefined) process.stderr.write('skipped: the published logs (not at hand)\n')

type Fields = Readonly<Record<string, unknown>>

/** Puts the fields of a record together again. */
function recordOf(row: ReadRow): Fields {
  const fields: [string, unknown][] = []
  for (const { name, type } of eventColumns) {
    const value = row[name]
    if (value === null || name === otherColumn || logColumns.some((column) => column === name)) continue
    if (type === 'time') fields.push([name, (value as Date).toISOString().replace('.000Z', 'Z')])
    else fields.push([name, type === 'json' ? JSON.parse(String(value)) : value])
  }
  const other = row[otherColumn]
  return { ...Object.fromEntries(fields), ...(typeof other === 'string' ? (JSON.parse(other) as Fields) : {}) }
}

/** Parquet has no difference between a field with null and no field. */
function withoutNulls(record: Fields): Fields {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null))
}

const byId = (records: readonly Fields[]) =>
  new Map(records.map((record) => [String(record['eventID']), record] as const))

test.skipIf(logs === undefined)(
  'each field of published logs is in its column or in other, for both readers',
  async () => {
    const root = tempFolder()
    const dataset = await openDataset({ root })
    const records: Fields[] = []
    for (const [key, body] of logs ?? []) {
      const log = { file: key, logAccount: basename(key).slice(0, 12), region: 'us-east-1', kind: 'events' }
      for (const { line } of recordsOf(gunzipSync(body), key)) {
        const row = eventRow(line.subarray(0, -1), log)
        records.push(withoutNulls(JSON.parse(Buffer.from(line).toString()) as Fields))
        await dataset.add(row, rowTimeMs(row))
      }
    }
    const ids = byId(records)
    expect(ids.size).toBeGreaterThan(100)
    expect(await dataset.close()).toMatchObject({ rows: records.length, known: 0, misfits: 0, repaired: 0 })
    for (const rows of [await rowsOf(root), await duckRowsOf(root)]) {
      expect(rows).toHaveLength(records.length)
      expect(byId(rows.map(recordOf))).toEqual(ids)
    }
  },
)
