import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchArguments, readArguments } from './arguments.ts'
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

/** Measures crosstrail beside rclone, the AWS CLI, s3cmd and s5cmd, those that are installed, on servers of this machine. */

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

const asked = readArguments(
  process.argv.slice(2),
  rows.map(({ name }) => name),
)
const missing = fastServerMissing()
if (asked !== undefined && missing !== undefined) {
  console.error(missing)
  process.exitCode = 1
} else if (asked !== undefined) {
  await bench(asked)
}

async function bench({ only, rounds, quick, save }: BenchArguments): Promise<void> {
  const memory = mkdtempSync(join('/dev/shm', 'crosstrail-bench-'))
  const disk = mkdtempSync(join(tmpdir(), 'crosstrail-bench-'))
  // Ceph's processes keep nothing alive, and their end is to be awaited.
  const awake = setInterval(() => undefined, 1000)
  try {
    const about = { ...machine(), rounds }
    console.log(`${about.machine}\n${about.versions}\n${rounds} rounds`)
    for (const row of rows.filter(({ name }) => only.includes(name))) {
      const found = await row.run({ rounds, divisor: quick ? 20 : 1, without: quick ? slowPeers : [], memory, disk })
      // A twentieth of the work is mostly start-up, and no verdict can be based on it.
      const section = quick ? { ...found, verdicts: [] } : found
      console.log(`\n${sectionMarkdown(row, section)}`)
      if (save) saveResults(rows, row, section, about)
    }
  } finally {
    clearInterval(awake)
    rmSync(memory, { recursive: true, force: true })
    rmSync(disk, { recursive: true, force: true })
  }
}
