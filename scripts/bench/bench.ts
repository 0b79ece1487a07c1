import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchArguments, readArguments, usage } from './arguments.ts'
import { fastServerMissing } from './fast-server.ts'
import { machine } from './machine.ts'
import { saveResults, sectionMarkdown } from './results.ts'
import { downloadRows } from './rows/downloads.ts'
import { floorRows } from './rows/floors.ts'
import { growthRow } from './rows/growth.ts'
import { httpsRows } from './rows/https.ts'
import { limitsRow } from './rows/limits.ts'
import { listingRows } from './rows/listings.ts'
import { pacingRow } from './rows/pacing.ts'
import { rgwRow } from './rows/rgw.ts'
import { startUpRow } from './rows/start-up.ts'
import type { Row } from './section.ts'
import { slowPeers } from './peers.ts'
import { ownBin } from './tools.ts'

/** Measures crosstrail beside rclone, the AWS CLI, s3cmd and s5cmd, those that are installed, on servers of this machine. */

const rows: readonly Row[] = [
  ...httpsRows,
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

const asked = understood(process.argv.slice(2))
if (asked !== undefined) {
  const missing = fastServerMissing()
  if (missing === undefined) {
    await bench(asked)
  } else {
    console.error(missing)
    process.exitCode = 1
  }
}

/** Undefined for help and for arguments that make no sense, which are told. */
function understood(args: readonly string[]): BenchArguments | undefined {
  try {
    const read = readArguments(args, rows)
    if (read !== 'help') return read
    console.log(usage(rows))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage(rows)}`)
    process.exitCode = 2
  }
  return undefined
}

async function bench({ only, rounds, quick, save, against }: BenchArguments): Promise<void> {
  const memory = mkdtempSync(join('/dev/shm', 'crosstrail-bench-'))
  const disk = mkdtempSync(join(tmpdir(), 'crosstrail-bench-'))
  // Ceph's processes keep nothing alive, and their end is to be awaited.
  const awake = setInterval(() => undefined, 1000)
  try {
    const about = { ...machine(), rounds }
    console.log(`${about.machine}\n${about.versions}\n${rounds} rounds`)
    if (against !== undefined) console.log(`this build: ${ownBin}\nthe other: ${against}`)
    for (const row of rows.filter(({ name }) => only.includes(name))) {
      const [divisor, without] = quick ? [20, slowPeers] : [1, []]
      const found = await row.run({ rounds, divisor, without, memory, disk, against })
      // A twentieth of the work is mostly start-up, and no verdict can be based on it. Verdicts are about other tools, not other builds.
      const section = quick || against !== undefined ? { ...found, verdicts: [] } : found
      console.log(`\n${sectionMarkdown(row, section)}`)
      if (save) saveResults(rows, row, section, about)
    }
  } finally {
    clearInterval(awake)
    rmSync(memory, { recursive: true, force: true })
    rmSync(disk, { recursive: true, force: true })
  }
}
