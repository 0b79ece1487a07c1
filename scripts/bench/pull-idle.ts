import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import type { AccountId } from '../../src/trail/account-id.ts'
import type { RequestLog } from '../../src/lab/request-log.ts'
import { dayMs } from '../../src/trail/calendar.ts'
import { labWorld, type LabWorld } from '../../test/e2e/support/lab-world.ts'

/**
 * Pulls everything of 20 log accounts in 17 regions from the embedded lab once, and then pulls five times when nothing is new, each time
 * under GNU time. Fails if one of these pulls makes more calls than one LIST for each stream and the calls for its session.
 *
 *   npm run bench:pull-idle -- [logs]
 */

const logs = Number(process.argv[2] ?? 12_000)
const runs = 5
const accounts = Array.from({ length: 20 }, (_, at) => String(100_000_000_001 + at) as AccountId)
const regions = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-south-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'sa-east-1',
] as const
const toMs = Date.now()
const bin = resolve(import.meta.dirname, '../../dist/bin.cjs')

interface Measured {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

const world = await labWorld({
  logSize: 10_000,
  sample: {
    objects: logs,
    logAccounts: accounts as [AccountId, ...AccountId[]],
    regions,
    window: { fromMs: toMs - dayMs, toMs },
    digests: true,
    foreign: false,
  },
})
try {
  await bench(world)
} finally {
  await world.stop()
}

async function bench(own: LabWorld): Promise<void> {
  const { lab, env } = own
  const to = own.newPath()
  const pull = ['pull', 'Z', '--to', to, '--since', '2d ago', '--quiet']
  const first = await own.run(pull)
  if (first.exitCode !== 0) throw new Error(`the first pull ended with ${first.exitCode}: ${first.stderr}`)
  const keys = lab.bucket().keys()
  const streams = new Set(
    keys.flatMap((key) => /^AWSLogs\/\d{12}\/CloudTrail[^/]*\/[a-z0-9-]+\/(?=\d)/.exec(key)?.[0] ?? []),
  )
  const measured: Measured[] = []
  for (let time = 0; time < runs; time++) {
    lab.requests.clear()
    measured.push(await measure([process.execPath, bin, ...pull], env, own.newPath()))
    demandIdle(lab.requests, streams)
  }
  const coverageMegabytes = readFileSync(join(to, '.crosstrail/coverage.json')).length / 1e6
  console.log(
    `${keys.length} objects in ${streams.size} streams of ${accounts.length} log accounts and ${regions.length} regions, ` +
      `${coverageMegabytes.toFixed(1)} MB of coverage, Node ${process.version}, ${cpus().length} cores: ` +
      'one LIST for each stream, nothing else but the session',
  )
  const median = (of: (one: Measured) => number) => measured.map(of).toSorted((a, b) => a - b)[runs >> 1] ?? Number.NaN
  const cells = [
    median(({ wallSeconds }) => wallSeconds).toFixed(2),
    median(({ cpuSeconds }) => cpuSeconds).toFixed(2),
    median(({ peakMegabytes }) => peakMegabytes).toFixed(0),
  ]
  console.log('\n| a pull with nothing new, median of 5 | wall s | CPU s | peak MB |\n| --- | --- | --- | --- |')
  console.log(`| ${streams.size} streams | ${cells.join(' | ')} |`)
}

/** Runs a command once under GNU time. Throws if it fails. */
async function measure(command: readonly string[], env: LabWorld['env'], file: string): Promise<Measured> {
  const child = spawn('/usr/bin/time', ['-f', '%e %U %S %M', '-o', file, ...command], { env, stdio: 'inherit' })
  const [exitCode] = (await once(child, 'close')) as [number | null]
  if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${String(exitCode)}`)
  const [wall = 0, user = 0, system = 0, kilobytes = 0] = readFileSync(file, 'utf8').trim().split(' ').map(Number)
  return { wallSeconds: wall, cpuSeconds: user + system, peakMegabytes: kilobytes / 1024 }
}

/** Throws if the last pull requested more than one page of each stream and a session. */
function demandIdle(requests: RequestLog, streams: ReadonlySet<string>): void {
  const { ListObjectsV2: lists, AssumeRole: sessions, ...others } = requests.counts()
  if (Object.keys(others).length > 0) throw new Error(`more was asked for: ${JSON.stringify(others)}`)
  const prefixes = requests.recent('ListObjectsV2').map(({ query }) => query.get('prefix') ?? '')
  const asked = new Set(prefixes)
  const isOneEach = prefixes.length === asked.size && lists === asked.size && asked.size === streams.size
  if (!isOneEach || prefixes.some((prefix) => !streams.has(prefix))) {
    throw new Error(`${String(lists)} LISTs of ${asked.size} prefixes for ${streams.size} streams`)
  }
  if (sessions !== 1) throw new Error(`${String(sessions)} sessions were opened`)
}
