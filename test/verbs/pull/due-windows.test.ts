import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseKey } from '../../../src/trail/key.ts'
import { dueUntil, isNothingDue, recentMs } from '../../../src/verbs/pull/due-window.ts'
import {
  type ChainPlan,
  hour,
  type Objects,
  signingKey,
  type StoredObject,
  summaryOf,
  verifyObjects,
  writeChain,
  writeLog,
} from '../verify/chain-builder.ts'

/*
 * Each case alters a trail and verifies it twice: at its end in one window, and while its digests arrive, as pulls do. Both must report the
 * same, each finding once, and verify the same logs, each log once.
 */

const startMs = Date.UTC(2026, 10, 3, 14, 1, 31)
const minute = 60_000
const key = signingKey(startMs - 700 * hour, startMs + 700 * hour)
const steady: ChainPlan = { startMs, periods: [2, 0, 3, 1, 2, 0, 1, 2, 1, 1, 2, 1], keyOf: () => key }
const other: Partial<ChainPlan> = {
  trail: 'other_2',
  startMs: startMs - 43 * minute,
  periods: [1, 2, 0, 1, 1, 0, 2, 1, 1, 1, 1, 1, 1],
}
const layout = { prefix: '' }

interface World {
  readonly objects: Objects
  readonly chains: readonly (readonly string[])[]
}

function world(...plans: readonly Partial<ChainPlan>[]): World {
  const objects = new Map<string, StoredObject>()
  const chains = plans.map((plan) => writeChain(objects, { ...steady, ...plan }))
  return { objects, chains }
}

const worlds = [world({}), world({ carries: true }), world({}, other)]

const stampOf = (name: string) => parseKey(name, layout)?.deliveredAtMs ?? 0
const isDigest = (name: string) => name.includes('-Digest')

interface Found {
  readonly findings: readonly string[]
  readonly verified: readonly string[]
}

interface Windows {
  readonly logs: { readonly fromMs: number; readonly toMs: number }
  readonly periods: { readonly fromMs: number; readonly toMs: number }
}

async function verifyWindows(
  objects: Objects,
  { logs, periods }: Windows,
  nowMs: number,
  lastDigestMs = Infinity,
): Promise<Found> {
  const fromMs = Math.min(logs.fromMs - 2 * hour, periods.fromMs - 2 * hour, lastDigestMs)
  const toMs = Math.max(logs.toMs, periods.toMs)
  const read = [...objects].filter(([name]) => {
    const atMs = stampOf(name)
    return isDigest(name) ? atMs >= fromMs && atMs < toMs + 2 * hour : atMs >= logs.fromMs && atMs < logs.toMs
  })
  const rules = { window: periods, logWindow: logs, nowMs, keys: [key.public] }
  const { findings, logs: joined } = await verifyObjects(new Map(read), rules)
  const verified = joined.filter(({ state }) => state === 'listed').map(({ object }) => object.key)
  return { findings: summaryOf(findings), verified }
}

/** Verifies what becomes due each time that the clock goes on, with the digests that have arrived by then. */
async function verifyAsTheyArrive(objects: Objects, everyMs: number, lagMs: number): Promise<Found & Windows> {
  const findings: string[] = []
  const verified: string[] = []
  let mark: { logsMs: number | undefined; periodsMs: number | undefined } = { logsMs: undefined, periodsMs: undefined }
  const endMs = startMs + (steady.periods.length + 6) * hour
  for (let nowMs = startMs + hour; nowMs < endMs; nowMs += everyMs) {
    if (isNothingDue(mark, nowMs)) continue
    const there = new Map([...objects].filter(([name]) => stampOf(name) + (isDigest(name) ? lagMs : 0) <= nowMs))
    const newestMs = newestEnds(there, nowMs)
    const until = dueUntil(newestMs, nowMs)
    const { logsMs = startMs, periodsMs = startMs } = mark
    const logs = { fromMs: Math.min(logsMs, until.logsMs), toMs: until.logsMs }
    const periods = { fromMs: periodsMs, toMs: Math.max(until.periodsMs, periodsMs) }
    if (logs.fromMs >= logs.toMs && periods.fromMs >= periods.toMs) continue
    const isLater = logs.toMs > logsMs
    const windows = { logs: isLater ? logs : { fromMs: logsMs, toMs: logsMs }, periods }
    const found = await verifyWindows(there, windows, nowMs, Math.min(...newestMs))
    findings.push(...found.findings)
    verified.push(...found.verified)
    mark = { logsMs: Math.max(logs.toMs, logsMs), periodsMs: periods.toMs }
  }
  const { logsMs = startMs, periodsMs = startMs } = mark
  const [logs, periods] = [logsMs, periodsMs].map((toMs) => ({ fromMs: startMs, toMs })) as [
    Windows['logs'],
    Windows['periods'],
  ]
  return { findings, verified, logs, periods }
}

function newestEnds(objects: Objects, nowMs: number): number[] {
  const ends = new Map<string, number>()
  for (const name of [...objects.keys()].filter(isDigest)) {
    const parts = parseKey(name, layout)
    if (parts?.kind !== 'digest' || parts.deliveredAtMs < nowMs - recentMs || parts.deliveredAtMs > nowMs) continue
    ends.set(parts.trailName, Math.max(ends.get(parts.trailName) ?? 0, parts.deliveredAtMs))
  }
  return [...ends.values()]
}

async function expectTheSame(objects: Objects, everyMs: number, lagMs: number): Promise<void> {
  const arriving = await verifyAsTheyArrive(objects, everyMs, lagMs)
  const nowMs = startMs + (steady.periods.length + 6) * hour
  const whole = await verifyWindows(objects, arriving, nowMs)
  expect(arriving.findings.toSorted()).toEqual(whole.findings.toSorted())
  expect(arriving.verified.toSorted()).toEqual(whole.verified.toSorted())
}

const pace = fc.constantFrom(5 * minute, 20 * minute, hour, 3 * hour)
const lag = fc.constantFrom(0, 5 * minute, 35 * minute)

describe('verified as they arrive, the same is reported as at the end', () => {
  test.each(worlds.map((each, at) => [at, each] as const))(
    'of an honest trail (%i)',
    async (_, { objects, chains }) => {
      // The tail of the trail is missing then, because nothing follows.
      const last = new Set(chains.map((keys) => keys.at(-1)))
      expect(last.size).toBe(chains.length)
      await expectTheSame(objects, 20 * minute, 5 * minute)
    },
  )

  test('of a trail from which anything was removed, changed or added', async () => {
    const cases = fc.record({
      at: fc.nat(worlds.length - 1),
      removed: fc.array(fc.nat(1000), { maxLength: 5 }),
      changed: fc.array(fc.nat(1000), { maxLength: 3 }),
      added: fc.array(fc.integer({ min: 0, max: 60 * 11 }), { maxLength: 3 }),
      everyMs: pace,
      lagMs: lag,
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ at, removed, changed, added, everyMs, lagMs }) => {
        const { objects, chains } = worlds[at] ?? world({})
        const altered = new Map(objects)
        // A chain whose first digests are gone looks like one that begins later.
        const first = new Set(chains.flatMap((keys) => keys.slice(0, 2)))
        const names = [...objects.keys()].filter((name) => !first.has(name))
        const nameAt = (index: number) => names[index % names.length] ?? ''
        for (const index of changed) {
          const object = altered.get(nameAt(index))
          if (object === undefined) continue
          const body = Buffer.from(object.body)
          body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1
          altered.set(nameAt(index), { ...object, body })
        }
        for (const index of removed) altered.delete(nameAt(index))
        for (const minutes of added) writeLog(altered, startMs + minutes * minute)
        await expectTheSame(altered, everyMs, lagMs)
      }),
      { numRuns: 100 },
    )
  })
})
