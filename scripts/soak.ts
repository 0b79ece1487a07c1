// npm run soak: runs `crosstrail pull --every 5s` against the lab for ten minutes, or for the given number of minutes, while logs are delivered.
// Prints memory and open files. Exits with 0 only if these do not grow, no pull fails and every log is taken.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../src/lab/random.ts'
import { addSamples } from '../src/lab/samples.ts'
import { labWorld } from '../test/e2e/support/lab-world.ts'

const minutes = Number(process.argv[2] ?? '10')
const startMs = 3000
const deliverEveryMs = 4000
/** How much memory may vary after the warm-up. */
const roomMegabytes = 40
const roomFiles = 4

interface Size {
  readonly megabytes: number
  readonly openFiles: number
}

const layout = { prefix: '' }
/** No new log accounts or regions: a pull finds them only within an hour, which is longer than this run. */
const delivered = { kinds: ['events'], foreign: false } as const
const world = await labWorld({ sample: { ...delivered, objects: 500, window: lastMinutes(24 * 60) } })
try {
  process.exitCode = (await soak()) ? 0 : 1
} finally {
  await world.stop()
}

async function soak(): Promise<boolean> {
  const to = world.newPath()
  const { child, result } = world.start([
    'pull',
    'Z',
    '--to',
    to,
    '--since',
    '2d ago',
    '--every',
    '5s',
    '--listen',
    '0',
  ])
  const { pid } = child
  if (pid === undefined) throw new Error('crosstrail did not start')
  const random = seededRandom(7)
  const endMs = performance.now() + minutes * 60_000
  const warmMs = performance.now() + Math.min(60_000, (minutes * 60_000) / 3)
  await sleep(startMs)
  const startSize = await sizeAtRest(pid)
  let warmSize: Size | undefined
  tell('start', startSize)
  for (let nextTellMs = performance.now() + 60_000; performance.now() < endMs && child.exitCode === null;) {
    await addSamples(world.lab.bucket(), layout, random, { ...delivered, objects: 5, window: lastMinutes(2) })
    await sleep(deliverEveryMs)
    if (warmSize === undefined && performance.now() >= warmMs) tell('warm', (warmSize = await sizeAtRest(pid)))
    if (performance.now() < nextTellMs) continue
    nextTellMs += 60_000
    tell('', await sizeAtRest(pid))
  }
  await sleep(12_000)
  const endSize = await sizeAtRest(pid)
  tell('end', endSize)
  child.kill('SIGTERM')
  const { exitCode, stderr } = await result
  const pulls = stderr.split('\n').filter((line) => /^(?:pulled|swept) /.test(line))
  const logs = world.lab.bucket().keys()
  const files = new Set(readdirSync(to, { recursive: true, encoding: 'utf8' }))
  const missing = logs.filter((key) => !files.has(key))
  const base = warmSize ?? startSize
  return [
    told(`${pulls.length} pulls`, pulls.length >= minutes * 10),
    told(`${logs.length} logs delivered, ${missing.length} of them not taken`, missing.length === 0),
    told(`exit code ${String(exitCode)} after SIGTERM`, exitCode === 143),
    told('no pull failed', !/fail|cannot|crosstrail:/.test(stderr)),
    told(
      `memory grew by ${(endSize.megabytes - base.megabytes).toFixed(1)} MB since it was warm`,
      endSize.megabytes - base.megabytes < roomMegabytes,
    ),
    told(`open files grew by ${endSize.openFiles - base.openFiles}`, endSize.openFiles - base.openFiles <= roomFiles),
  ].every(Boolean)
}

/** The size between two pulls. During a pull, each call has an open connection. */
async function sizeAtRest(pid: number): Promise<Size> {
  let least = sizeOf(pid)
  for (let times = 0; times < 25; times++) {
    await sleep(200)
    const size = sizeOf(pid)
    if (size.openFiles < least.openFiles) least = size
  }
  return least
}

/** The size of a process on this machine, from /proc. */
function sizeOf(pid: number): Size {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(join('/proc', String(pid), 'status'), 'utf8')) ?? []
  return { megabytes: Number(kilobytes) / 1024, openFiles: readdirSync(join('/proc', String(pid), 'fd')).length }
}

function tell(when: string, { megabytes, openFiles }: Size): void {
  console.log(
    `${new Date().toISOString()}  RSS ${megabytes.toFixed(1).padStart(6)} MB  ${openFiles} open files  ${when}`,
  )
}

function told(fact: string, holds: boolean): boolean {
  console.log(`${holds ? 'ok  ' : 'FAIL'}  ${fact}`)
  return holds
}

function lastMinutes(count: number): { fromMs: number; toMs: number } {
  const toMs = Date.now()
  return { fromMs: toMs - count * 60_000, toMs }
}
