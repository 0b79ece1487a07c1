import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fastServerMissing } from './fast-server.ts'
import { machine } from './machine.ts'
import { saveResults, sectionMarkdown } from './results.ts'
import { downloadRows } from './rows/downloads.ts'
import { floorRows } from './rows/floors.ts'
import { growthRow } from './rows/growth.ts'
import { limitsRow } from './rows/limits.ts'
import { listingRows } from './rows/listings.ts'
import { pacingRow } from './rows/pacing.ts'
import { rgwRow } from './rows/rgw.ts'
import { startUpRow } from './rows/start-up.ts'
import type { Row } from './section.ts'
import { slowPeers } from './tools.ts'

/**
 * Measures crosstrail beside rclone, the AWS CLI, s3cmd and s5cmd, those that are installed, on servers of this machine.
 *
 *   npm run bench -- [--quick] [--only <row>[,<row>]] [--rounds <n>] [--save]
 *
 * --quick takes a twentieth of the objects, one round and no slow peers, a minute in all. --save writes docs/BENCHMARKS.md and its charts.
 */

const rows: readonly Row[] = [
  ...downloadRows,
  ...listingRows,
  startUpRow,
  rgwRow,
  growthRow,
  pacingRow,
  ...floorRows,
  limitsRow,
]

// The SDK fills the servers, and would print six lines about the version of Node.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
})
const names = rows.map(({ name }) => name)
const asked = values.only?.split(',') ?? names
const unknown = asked.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}: the rows are ${names.join(', ')}`)
const missing = fastServerMissing()
if (missing !== undefined) throw new Error(missing)

const rounds = values.rounds === undefined ? (values.quick ? 1 : 5) : Number(values.rounds)
const memory = mkdtempSync(join('/dev/shm', 'crosstrail-bench-'))
const disk = mkdtempSync(join(tmpdir(), 'crosstrail-bench-'))
// Ceph's processes keep nothing alive, and their end is to be awaited.
const awake = setInterval(() => undefined, 1000)
try {
  const about = { ...machine(), rounds, quick: values.quick }
  console.log(`${about.machine}\n${about.versions}\n${rounds} rounds`)
  for (const row of rows.filter(({ name }) => asked.includes(name))) {
    const found = await row.run({
      rounds,
      divisor: values.quick ? 20 : 1,
      without: values.quick ? slowPeers : [],
      memory,
      disk,
    })
    // A twentieth of the work is mostly start-up, and no verdict can be based on it.
    const section = values.quick ? { ...found, verdicts: [] } : found
    console.log(`\n${sectionMarkdown(row, section)}`)
    if (values.save) saveResults(rows, row, section, about)
  }
} finally {
  clearInterval(awake)
  rmSync(memory, { recursive: true, force: true })
  rmSync(disk, { recursive: true, force: true })
}
