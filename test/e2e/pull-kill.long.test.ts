import { type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCoverage } from '../../src/verbs/pull/coverage-shape.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { coverageOf } from '../../src/verbs/pull/coverage.ts'
import { jsonLines } from './support/crosstrail.ts'
import { rowsOf } from '../sinks/parquet/read-parquet.ts'
import { GrowingArchive } from './support/growing-archive.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { filesOf, leftovers, treeOf } from './support/tree.ts'

const killsEach = 14
const random = seededRandom(20261101)
const startMs = Date.UTC(2026, 10, 1)

let world: LabWorld
let archive: GrowingArchive

beforeEach(async () => {
  world = await labWorld()
  archive = new GrowingArchive(world.lab.bucket(), random, startMs)
  archive.deliver(100)
})
afterEach(() => world.stop())

test('after any number of kills the files of a pull are complete, covered logs exist, and no log is lost', async () => {
  const to = world.newPath()
  const command = pullTo(to)
  const moved = new Set<string>()
  const there = () => new Set([...moved, ...filesOf(to)])
  await killOften(command, to, () => {
    expect(archive.digests).toMatchObject(treeOf(to))
    const files = there()
    expect(coveredKeys(to).filter((key) => !files.has(key))).toEqual([])
    if (random() < 0.3) moveAway(to, moved)
  })
  expect(await world.run(command)).toMatchObject({ exitCode: 0 })
  expect(archive.digests).toMatchObject(treeOf(to))
  expect([...there()].sort()).toEqual(archive.keys)
  expect(leftovers(to)).toEqual([])
  await expectAllCovered(to)
})

test('after any number of kills a pull of events has written each event once, in complete files', async () => {
  const to = world.newPath()
  const command = pullTo(to, '--format', 'ndjson', '--rotate', '1s|50KB')
  const eventIds = () =>
    filesOf(to).flatMap((file) => jsonLines(readFileSync(join(to, file), 'utf8')).map(({ eventID }) => String(eventID)))
  await killOften(command, to, () => {
    const ids = eventIds()
    expect(new Set(ids).size).toBe(ids.length)
  })
  expect(await world.run(command)).toMatchObject({ exitCode: 0 })
  expect(eventIds().sort()).toEqual([...archive.eventIds].sort())
  expect(readdirSync(join(to, '.crosstrail', 'ndjson')).filter((name) => name.endsWith('.part'))).toEqual([])
  await expectAllCovered(to)
})

test('after any number of kills a Parquet dataset has each event once, in complete files', async () => {
  const to = world.newPath()
  const command = pullTo(to, '--format', 'parquet', '--rotate', '1s|20KB')
  const eventIds = async () => (await rowsOf(to)).map(({ eventID }) => String(eventID))
  await killOften(command, to, async () => {
    const ids = await eventIds()
    expect(new Set(ids).size).toBe(ids.length)
  })
  expect(await world.run(command)).toMatchObject({ exitCode: 0 })
  expect((await eventIds()).sort()).toEqual([...archive.eventIds].sort())
  expect(readdirSync(join(to, '.crosstrail/parquet')).filter((name) => name.endsWith('.part'))).toEqual([])
  expect(readdirSync(join(to, '.crosstrail/parquet/full'))).toEqual([])
  expect(leftovers(to)).toEqual([])
  await expectAllCovered(to)
})

test('after any number of kills the command of a pull has got every log, and each one complete', async () => {
  const to = world.newPath()
  const given = world.newPath()
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  const names = () => {
    const lines = existsSync(given) ? readFileSync(given, 'utf8').split('\n').slice(0, -1) : []
    return new Set(lines.map(nameOf))
  }
  const command = pullTo(to, '--exec', `gzip -t {} && echo {} >> ${given}`, '--exec-parallel', '8')
  await killOften(command, to, () => {
    const there = names()
    expect(coveredKeys(to).filter((key) => !there.has(nameOf(key)))).toEqual([])
  })
  expect(await world.run(command)).toMatchObject({ exitCode: 0 })
  expect([...names()].sort()).toEqual(archive.keys.map(nameOf).sort())
  await expectAllCovered(to)
})

function pullTo(to: string, ...args: readonly string[]): string[] {
  return ['pull', 'Z', '--to', to, '--since', new Date(startMs).toISOString(), ...args]
}

/** Repeatedly delivers logs, kills a pull and calls `look`. A pull that ends before the kill must succeed. */
async function killOften(command: readonly string[], to: string, look: () => Promise<void> | void): Promise<void> {
  mkdirSync(join(to, '.crosstrail'), { recursive: true, mode: 0o700 })
  let kills = 0
  for (let pulls = 0; kills < killsEach; pulls++) {
    expect(pulls, 'too few pulls die').toBeLessThan(3 * killsEach)
    archive.deliver(5 + Math.floor(random() * 40))
    const { child, result } = world.start(command)
    const [moment, forget] = killSometime(child, to)
    const { exitCode, signal, stderr } = await result
    forget()
    if (signal === 'SIGKILL') kills++
    else expect(exitCode, `pull ${pulls}, to be killed ${moment}: ${stderr}`).toBe(0)
    await look()
  }
  world.lab.setFaults({})
}

/** Kills a pull at a random GET, a random time after its first listing, or while it writes its coverage. Returns which, and how to undo it. */
function killSometime(child: ChildProcess, to: string): [string, () => void] {
  const kill = (delayMs: number) => setTimeout(() => child.kill('SIGKILL'), delayMs)
  const way = Math.floor(random() * 3)
  const delayMs = random() * (way === 1 ? 250 : 5)
  const nth = 1 + Math.floor(random() * (way === 2 ? 8 : 12))
  const operation = way === 1 ? 'ListObjectsV2' : 'GetObject'
  let calls = 0
  world.lab.setFaults({
    hook: (request) => {
      if (way !== 2 && request.operation === operation && ++calls === (way === 1 ? 1 : nth)) kill(delayMs)
      return undefined
    },
  })
  if (way !== 2) return [`${delayMs} ms after ${operation} ${nth}`, () => undefined]
  let changes = 0
  const watcher = watch(join(to, '.crosstrail'), (_event, name) => {
    if (name?.startsWith('coverage.') === true && ++changes === nth) child.kill('SIGKILL')
  })
  return [`at change ${nth} of its coverage`, () => watcher.close()]
}

function coveredKeys(to: string): string[] {
  const body = readCoverage(join(to, '.crosstrail'))
  if (body === undefined) return []
  const streams = coverageOf(body, body.trail)?.streams ?? []
  return archive.keys.filter((key) =>
    streams.some(({ prefix, seen }) => key.startsWith(prefix) && seen.has(key.slice(prefix.length))),
  )
}

function moveAway(to: string, moved: Set<string>): void {
  for (const file of filesOf(to)) {
    rmSync(join(to, file))
    moved.add(file)
  }
}

/** Expects readable coverage that counts each log once, and a free lock. */
async function expectAllCovered(to: string): Promise<void> {
  const { stdout } = await world.run(['pull', 'status', '--to', to, '--output', 'json'])
  const streams = jsonLines(stdout)
  expect(streams.reduce((sum, { objects }) => sum + Number(objects), 0)).toBe(archive.keys.length)
  expect(streams.filter(({ gaps }) => gaps !== 0)).toEqual([])
  expect(readdirSync(join(to, '.crosstrail')).filter((name) => name.startsWith('lock'))).toEqual([])
}
