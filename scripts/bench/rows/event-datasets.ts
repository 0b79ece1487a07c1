import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { compare } from '../compare.ts'
import type { Row } from '../section.ts'
import { recordsPerLog } from '../stored-log.ts'
import { crosstrail } from '../tools.ts'
import { variedTree } from '../trees.ts'

/** A million records. */
const logs = 18_868

const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' }
const countByName = 'select eventName, count(*) as calls from events group by 1 order by 2 desc'

/** Parquet and SQL. They need `@duckdb/node-api`. */
export const eventDatasetRows: readonly Row[] = [
  {
    name: 'events-parquet',
    title: 'A million records to Parquet',
    notes: ['`crosstrail events --dir <folder> --to <folder> --format parquet`, of logs in memory'],
    run: async ({ rounds, against, memory, divisor }) => {
      const objects = Math.ceil(logs / divisor)
      const { root } = variedTree(memory, objects).bodies
      const entrant = crosstrail(env, ['events', '--dir', root, '--to', '{}', '--format', 'parquet', '--quiet'])
      const section = await compare({ objects, reach: [], entrants: [entrant] }, { rounds, against, below: memory })
      const cpuSeconds = section.bars?.[0]?.cpuSeconds ?? Number.NaN
      const peak = section.peaks?.[entrant.tool]?.most ?? Number.NaN
      const rate = (objects * recordsPerLog) / cpuSeconds
      if (against !== undefined) return section
      return {
        ...section,
        verdicts: [
          {
            what: 'records for each CPU second ≥ 20,000',
            got: Math.round(rate).toLocaleString('en'),
            reached: rate >= 20_000,
          },
          { what: 'peak ≤ 1,000 MB', got: `${peak.toFixed(0)} MB`, reached: peak <= 1000 },
        ],
      }
    },
  },
  {
    name: 'events-sql',
    title: 'A count by name over a million records, SQL on Parquet',
    notes: [`\`crosstrail events --dir <dataset> --sql "${countByName}"\`, the whole process`],
    run: async ({ rounds, against, memory, divisor }) => {
      const objects = Math.ceil(logs / divisor)
      const { root } = variedTree(memory, objects).bodies
      const dataset = join(memory, 'event-dataset')
      const make = crosstrail(env, ['events', '--dir', root, '--to', dataset, '--format', 'parquet', '--quiet'])
      const ask = crosstrail(env, ['events', '--dir', dataset, '--sql', countByName, '--output', 'json', '--quiet'])
      try {
        const entrant = { ...ask, before: make.command }
        const section = await compare({ objects, reach: [], entrants: [entrant] }, { rounds, against, below: memory })
        const wall = section.bars?.[0]?.wallSeconds ?? Number.NaN
        if (against !== undefined) return section
        return { ...section, verdicts: [{ what: 'wall ≤ 0.7 s', got: `${wall.toFixed(2)} s`, reached: wall <= 0.7 }] }
      } finally {
        rmSync(dataset, { recursive: true, force: true })
      }
    },
  },
]
