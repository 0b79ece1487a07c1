import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readCoverageFile, writeCoverageFile } from '../../../src/disk/coverage-file.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { dayMs, hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { formatKey } from '../../../src/trail/key.ts'
import { pullStatus } from '../../../src/verbs/pull/stream-status.ts'
import { filesBelow } from '../../disk/temp-folder.ts'
import { openPullWorld, pulledAtMs, type PullWorld } from './pull-world.ts'

const opened: PullWorld[] = []
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close()
})

/** A store with a correct clock, whose objects may have wrong dates. `clock.atMs` is the time of the store and of the pulls. */
async function open(dates?: () => number) {
  const clock = { atMs: pulledAtMs }
  const world = await openPullWorld({ dates: dates ?? (() => clock.atMs) })
  opened.push(world)
  let serial = 0
  return {
    ...world,
    clock,
    /** Delivers a log now. The store gives it the date `lastModifiedMs`. */
    deliver(lastModifiedMs = clock.atMs): string {
      const deliveredAtMs = Math.floor(clock.atMs / minuteMs) * minuteMs
      const random = String(++serial).padStart(16, '0')
      const key = formatKey(
        { logAccount: '222222222222' as AccountId, region: 'us-east-1', kind: 'events', deliveredAtMs, random },
        { prefix: '' },
      )
      world.lab.bucket().put(key, random, { lastModifiedMs })
      return key
    },
    pull: (nowMs = clock.atMs) => world.pull({ sinceMs: pulledAtMs - dayMs, nowMs: () => nowMs }),
    warnings: () => world.notes.filter(({ level }) => level === 'warning').map(({ code }) => code),
  }
}

type Opened = Awaited<ReturnType<typeof open>>
const taken = (world: Opened) => filesBelow(world.to).filter((file) => file.startsWith('AWSLogs/'))
const stored = (world: Opened) => [...world.lab.bucket().keys()].toSorted()
const gets = (world: Opened) => world.lab.requests.count('GetObject')

test.each([0.25, 3, 40, 3650])(
  'takes a log dated %d days in the future once, and every later log once',
  async (aheadDays) => {
    const world = await open()
    world.deliver()
    world.deliver(pulledAtMs + aheadDays * dayMs)
    await world.pull()
    for (const laterMs of [2 * hourMs, 26 * hourMs, 48 * hourMs, 80 * hourMs, 30 * dayMs, 45 * dayMs]) {
      world.clock.atMs = pulledAtMs + laterMs
      world.deliver()
      await world.pull()
    }
    expect(taken(world)).toEqual(stored(world))
    expect(gets(world)).toBe(stored(world).length)
  },
)

test('warns once of a log with a date in the future, and does not fail', async () => {
  const world = await open()
  const key = world.deliver(pulledAtMs + 6 * hourMs)
  const report = await world.pull()
  expect(report).toMatchObject({ total: { done: 1, failed: 0 }, findings: [] })
  expect(world.notes).toMatchObject([{ level: 'warning', code: 'pull.future-date' }])
  expect(world.notes[0]?.message).toContain(`${key} has the date 2026-11-08T06:00:00Z`)
  await world.pull()
  expect(world.notes).toHaveLength(1)
})

test('does not warn of a log whose date is 40 seconds in the future', async () => {
  const world = await open()
  world.deliver(pulledAtMs + 40_000)
  await world.pull()
  expect(world.warnings()).toEqual([])
})

test('treats a log with a date in the future as new now in coverage, newest log and lag', async () => {
  const world = await open()
  world.deliver(pulledAtMs + 3 * dayMs)
  const [stream] = (await world.pull()).streams
  expect(stream?.throughMs).toBeLessThanOrEqual(pulledAtMs)
  expect(stream?.throughMs).toBeGreaterThan(pulledAtMs - minuteMs)
  expect(stream?.newestDeliveredAtMs).toBe(pulledAtMs)
  const [later] = pullStatus({ folder: world.to }, pulledAtMs + hourMs)
  expect(later?.lagMs).toBe(hourMs)
})

test('reports a stream as silent although an earlier log had a date in the future', async () => {
  const world = await open()
  for (let count = 0; count < 14; count++) {
    world.clock.atMs += 10 * minuteMs
    world.deliver(count === 12 ? world.clock.atMs + 400 * dayMs : undefined)
    await world.pull()
  }
  world.clock.atMs += 2 * hourMs
  expect((await world.pull()).findings.map(({ code }) => code)).toEqual(['pull.silent'])
})

test("uses this machine's clock if the store's answers have no date", async () => {
  // The S3 client uses this machine's clock, and the pull uses the test's.
  const world = await open(() => Number.NaN)
  world.clock.atMs = Date.now()
  world.deliver(world.clock.atMs + 10 * dayMs)
  const [stream] = (await world.pull()).streams
  expect(stream?.throughMs).toBeLessThanOrEqual(Date.now())
  expect(world.warnings()).toEqual(['pull.future-date'])
})

/**
 * Makes the coverage of an older version that trusted every date, after it took a log at `atMs` with a date in the future: marks and rhythm are in
 * the future, and taken keys far before that are forgotten.
 */
function believe(world: Opened, { atMs, aheadMs }: { readonly atMs: number; readonly aheadMs: number }): void {
  const folder = join(world.to, '.crosstrail')
  const body = readCoverageFile(folder) as { streams: Record<string, unknown>[] }
  const ahead = new Date(atMs + aheadMs).toISOString()
  const keptFrom = new Date(atMs + aheadMs - 31 * dayMs).toISOString().slice(0, 10).replaceAll('-', '/')
  for (const stream of body.streams) {
    const longestGapMs = atMs + aheadMs - Date.parse(String(stream['newest']))
    const seen = Object.entries(stream['seen'] as object).filter(([day]) => day >= keptFrom)
    delete stream['newestListed']
    Object.assign(stream, { through: ahead, swept: ahead, newest: ahead, longestGapMs, seen: Object.fromEntries(seen) })
  }
  writeCoverageFile(folder, JSON.stringify(body))
}

test.each([
  [0.25, 0.12],
  [3, 2],
  [20, 19],
  [40, 2],
  [40, 39],
  [3650, 60],
])(
  'takes in one pull what came since, if coverage of an older version is %d days in the future and %d days passed',
  async (aheadDays, laterDays) => {
    const world = await open()
    for (let day = 0; day < 40; day++) {
      world.clock.atMs += dayMs
      world.deliver()
    }
    await world.pull()
    const atMs = world.clock.atMs
    believe(world, { atMs, aheadMs: aheadDays * dayMs })
    const missed: string[] = []
    for (let count = 1; count <= 10; count++) {
      world.clock.atMs = atMs + (laterDays * dayMs * count) / 10
      missed.push(world.deliver())
    }
    const before = gets(world)
    await world.pull()
    expect(world.warnings()).toEqual(['pull.coverage-ahead'])
    expect(taken(world)).toEqual(stored(world))
    expect(gets(world) - before).toBe(missed.length)
    world.clock.atMs += hourMs
    const last = world.deliver()
    const [stream] = (await world.pull()).streams
    expect(taken(world)).toContain(last)
    expect(stream?.throughMs).toBeLessThanOrEqual(world.clock.atMs)
    expect(world.warnings()).toHaveLength(1)
  },
)

test('looks again at everything since the first pull if it is not known how far coverage of an older version was right', async () => {
  const world = await open()
  world.deliver()
  await world.pull()
  believe(world, { atMs: pulledAtMs, aheadMs: 3650 * dayMs })
  const folder = join(world.to, '.crosstrail')
  const body = readCoverageFile(folder) as { streams: { longestGapMs: number }[] }
  for (const stream of body.streams) stream.longestGapMs = 0
  writeCoverageFile(folder, JSON.stringify(body))
  world.clock.atMs += 50 * dayMs
  for (let count = 0; count < 3; count++) {
    world.clock.atMs += dayMs
    world.deliver()
  }
  await world.pull()
  expect(taken(world)).toEqual(stored(world))
})

test('shows no progress in the status if coverage is in the future', async () => {
  const world = await open()
  world.deliver()
  await world.pull()
  believe(world, { atMs: pulledAtMs, aheadMs: 3 * dayMs })
  const [stream] = pullStatus({ folder: world.to }, pulledAtMs + hourMs)
  expect(stream).toMatchObject({ throughMs: undefined, newestDeliveredAtMs: undefined, lagMs: undefined, objects: 1 })
})

test("keeps coverage if this machine's clock is behind", async () => {
  const world = await open()
  world.deliver()
  await world.pull()
  const report = await world.pull(pulledAtMs - 900 * dayMs)
  expect(report.total.done).toBe(0)
  expect(world.warnings()).toEqual([])
})
