import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { allRows } from './all-rows.ts'
import { type BenchArguments, readArguments, usage } from './arguments.ts'
import { fastServerMissing } from './fast-server.ts'
import { machine } from './machine.ts'
import { measureRows } from './measure-rows.ts'
import { writePages } from './pages.ts'
import { keepResult, readResults } from './results.ts'
import type { Row, Section } from './section.ts'
import { ownBin } from './tools.ts'

/**
 * Compares crosstrail with the installed ones of rclone, the AWS CLI, s3cmd and s5cmd, or with another build of itself, on servers on this
 * machine. Exit codes: 0 all rows measured · 1 a row failed, or no server · 2 usage
 */

// The benchmark uses the SDK to fill the servers, and the SDK would print six lines about the version of Node.
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

/** Undefined if help was requested or the arguments are wrong; then it has printed the help or the error. */
function understood(args: readonly string[]): BenchArguments | undefined {
  try {
    const read = readArguments(args, allRows)
    if (read !== 'help') return read
    console.log(usage(allRows))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage(allRows)}`)
    process.exitCode = 2
  }
  return undefined
}

async function bench(wanted: BenchArguments): Promise<void> {
  const memory = mkdtempSync(join('/dev/shm', 'crosstrail-bench-'))
  const disk = mkdtempSync(join(tmpdir(), 'crosstrail-bench-'))
  // Ceph's processes do not keep this process alive, so their end must be awaited.
  const awake = setInterval(() => undefined, 1000)
  try {
    announce(wanted)
    const { only, rounds, quick, save, against, without } = wanted
    const divisor = quick ? 20 : 1
    const saved = (row: Row, section: Section) => {
      keepResult(row.name, { about: { ...machine(), rounds }, section })
      writePages(allRows, readResults())
    }
    const failed = await measureRows(
      allRows.filter(({ name }) => only.includes(name)),
      { rounds, against, divisor, without, memory, disk },
      // A twentieth of the work is mostly start-up, and no verdict can be based on it. Verdicts are about other tools, not other builds.
      { isJudged: !quick && against === undefined, save: save ? saved : undefined },
    )
    if (failed) process.exitCode = 1
  } finally {
    clearInterval(awake)
    rmSync(memory, { recursive: true, force: true })
    rmSync(disk, { recursive: true, force: true })
  }
}

function announce({ rounds, quick, against }: BenchArguments): void {
  const about = machine()
  console.log(`${about.machine}\n${about.versions}\nrounds: ${rounds}`)
  if (quick) console.log('quick: a twentieth of the objects that the titles name')
  if (against !== undefined) console.log(`this build: ${ownBin}\nthe other:  ${against}`)
  const [load = 0] = loadavg()
  if (load > 1) console.log(`other work runs here (load ${load.toFixed(1)}): trust only the ratios, not the seconds`)
}
