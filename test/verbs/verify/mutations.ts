import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ChainPlan,
  digestKey,
  hour,
  iso,
  type Objects,
  type Rules,
  signingKey,
  type StoredObject,
  summaryOf,
  verifyObjects,
  writeChain,
  writeLog,
} from './chain-builder.ts'

/*
 * Each case alters a chain and compares the findings with what the alteration explains. The last period lies after the window: it lets the
 * logs at the window's end be decided. In a mirror without signatures, where the newest digest is not proven, the last two do.
 */

const startMs = Date.UTC(2026, 10, 3, 14, 1, 31)
const first = signingKey(startMs - 700 * hour, startMs + 4 * hour)
const second = signingKey(startMs + 2 * hour, startMs + 700 * hour, 'spki')
const keys = [first.public, second.public]

const steady: ChainPlan = {
  startMs,
  periods: [2, 0, 3, 1, 2, 0, 1, 2],
  keyOf: (period) => (period < 3 ? first : second),
}
const periods = steady.periods.length
const endMs = startMs + periods * hour

interface World {
  readonly objects: Objects
  /** The keys of each chain's digests, in order. */
  readonly chains: readonly (readonly string[])[]
  readonly isMirror: boolean
  readonly window: { readonly fromMs: number; readonly toMs: number }
  /** The starts of the digests' periods, by key. */
  readonly starts: ReadonlyMap<string, number>
  /** The digests that list the logs, by key. */
  readonly listings: ReadonlyMap<string, string>
}

function world(plans: readonly Partial<ChainPlan>[], isMirror = false): World {
  const objects = new Map<string, StoredObject>()
  const chains = plans.map((plan) => writeChain(objects, { ...steady, ...plan }))
  const starts = new Map<string, number>()
  const listings = new Map<string, string>()
  for (const key of chains.flat()) {
    const digest = JSON.parse(gunzipSync(objects.get(key)?.body ?? '').toString()) as {
      digestStartTime: string
      logFiles: { s3Object: string }[]
    }
    starts.set(key, Date.parse(digest.digestStartTime))
    for (const { s3Object } of digest.logFiles) listings.set(s3Object, key)
  }
  for (const [key, { body }] of isMirror ? [...objects] : []) objects.set(key, { body })
  const window = { fromMs: startMs, toMs: endMs - (isMirror ? 2 : 1) * hour }
  return { objects, chains, isMirror, window, starts, listings }
}

/** Its first period starts before the window, and its last one ends after it. */
const other: Partial<ChainPlan> = {
  trail: 'other_2',
  startMs: startMs - 43 * 60_000,
  periods: [1, 2, 0, 1, 1, 0, 2, 1, 1],
}
const bucketWorlds = [world([{}]), world([{ carries: true }]), world([{}, other])]
const mirrorWorlds = [world([{}], true), world([{ carries: true }, other], true)]
const backfilled = world([{}, { backfill: true, periods: [1, 2, 1], keyOf: () => second }])
const worlds = [...bucketWorlds, ...mirrorWorlds]

const verified = ({ isMirror, window }: World, objects: Objects) => {
  const rules: Rules = { window, nowMs: endMs + hour, keys, isMirror }
  return verifyObjects(objects, rules)
}
const isDigest = (key: string) => key.includes('-Digest')
const isInWindow = ({ window, starts }: World, key: string) => {
  const startOfPeriod = starts.get(key)
  if (startOfPeriod !== undefined) return startOfPeriod < window.toMs
  const [, hours = '', minutes = ''] = /T(\d\d)(\d\d)Z/.exec(key) ?? []
  const deliveredAtMs = Date.UTC(2026, 10, 3, Number(hours), Number(minutes))
  return deliveredAtMs >= window.fromMs && deliveredAtMs < window.toMs
}
const keysOf = (each: World) => [...each.objects.keys()].filter((key) => isInWindow(each, key))
const logsOf = (each: World) => keysOf(each).filter((key) => !isDigest(key))
/** The digests whose period is in the window. */
const digestsOf = (each: World) => keysOf(each).filter(isDigest)
const bodyOf = ({ objects }: World, key: string) => objects.get(key)?.body ?? Buffer.alloc(0)

function altered({ objects }: World, changes: Readonly<Record<string, Partial<StoredObject> | undefined>>): Objects {
  const result = new Map(objects)
  for (const [key, change] of Object.entries(changes)) {
    if (change === undefined) result.delete(key)
    else result.set(key, { body: Buffer.alloc(0), ...objects.get(key), ...change })
  }
  return result
}

/** A digest with those before and after it in its chain, whose findings may be about the same change. */
function neighborsOf({ chains }: World, key: string): (string | undefined)[] {
  const chain = chains.find((digests) => digests.includes(key)) ?? []
  const at = chain.indexOf(key)
  return [chain[at - 1], key, chain[at + 1]]
}

function unzipped(body: Buffer): Buffer | undefined {
  try {
    return gunzipSync(body)
  } catch {
    return undefined
  }
}

const aWorld = fc.constantFrom(...worlds)
const pick = <T>(items: readonly T[], at: number): T => items[at % items.length] as T
const number = fc.nat(1_000_000)
const flip = fc.integer({ min: 1, max: 255 })

function flipped(body: Buffer, at: number, bits: number): Buffer {
  const result = Buffer.from(body)
  const index = at % result.length
  result[index] = (result[index] ?? 0) ^ bits
  return result
}

/** The time of an object's name. */
function stampOf({ starts }: World, key: string): number {
  const startOfPeriod = starts.get(key)
  if (startOfPeriod !== undefined) return startOfPeriod + hour
  const [, hours = '', minutes = ''] = /T(\d\d)(\d\d)Z/.exec(key) ?? []
  return Date.UTC(2026, 10, 3, Number(hours), Number(minutes))
}

function startOf({ starts }: World, key: string): number {
  return starts.get(key) ?? Number.NaN
}

function listingOf({ listings }: World, log: string): string {
  return listings.get(log) ?? ''
}

function isUnsigned(each: World, digest: string, removed: ReadonlySet<string>): boolean {
  const [, , next] = neighborsOf(each, digest)
  return each.isMirror && (next === undefined || removed.has(next))
}

/** Tests that each alteration of a chain is found, and nothing else. `share` is the share of the usual number of cases. */
export function testMutations(share: number): void {
  const runs = (usual: number) => Math.ceil(usual * share)

  describe('nothing is reported', () => {
    test.each([...worlds, backfilled].map((each, at) => [at, each] as const))(
      'of untouched objects (%i)',
      async (_, each) => {
        const { findings, state, verified: count } = await verified(each, each.objects)
        expect(summaryOf(findings)).toEqual([])
        expect(state).toMatchObject({ missing: 0, unlisted: 0, uncovered: 0, pending: 0, unproven: 0 })
        expect(count).toBe(logsOf(each).length)
      },
    )
  })

  test('nothing is reported of what was delivered so far, whatever the window and the time', async () => {
    const delay = fc.integer({ min: 0, max: 119 })
    const from = fc.integer({ min: 0, max: 60 * periods })
    const length = fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 60 * periods }))
    const now = fc.integer({ min: 0, max: 60 * (periods + 1) })
    await fc.assert(
      fc.asyncProperty(aWorld, from, length, now, delay, async (each, fromMinute, minutes, nowMinute, delayMinutes) => {
        const nowMs = startMs + nowMinute * 60_000
        const fromMs = startMs + fromMinute * 60_000
        fc.pre(fromMs < nowMs)
        const toMs = minutes === undefined ? undefined : fromMs + minutes * 60_000
        const isThere = (key: string) => stampOf(each, key) + (isDigest(key) ? delayMinutes * 60_000 : 0) <= nowMs
        const isGiven = (key: string) =>
          !isDigest(key) ||
          (stampOf(each, key) >= fromMs - 2 * hour && stampOf(each, key) <= (toMs ?? Infinity) + 2 * hour)
        const objects = new Map([...each.objects].filter(([key]) => isThere(key) && isGiven(key)))
        const { findings, state } = await verifyObjects(objects, {
          window: { fromMs, toMs },
          nowMs,
          keys,
          isMirror: each.isMirror,
        })
        expect(summaryOf(findings)).toEqual([])
        if (!each.isMirror) expect(state).toMatchObject({ missing: 0, unlisted: 0, unproven: 0, uncovered: 0 })
      }),
      { numRuns: runs(500) },
    )
  })

  describe('any byte that is flipped is found', () => {
    test('in a log, unless its unzipped bytes stay the same', async () => {
      await fc.assert(
        fc.asyncProperty(aWorld, number, number, flip, async (each, log, at, bits) => {
          const key = pick(logsOf(each), log)
          const body = flipped(bodyOf(each, key), at, bits)
          const { findings } = await verified(each, altered(each, { [key]: { body } }))
          const isSame = unzipped(body)?.equals(gunzipSync(bodyOf(each, key))) === true
          if (!isSame) expect(findings.length).toBeGreaterThan(0)
          for (const { code, key: about } of findings) {
            expect(['verify.log-hash', 'verify.log-malformed']).toContain(code)
            expect(about).toBe(key)
          }
        }),
        { numRuns: runs(500) },
      )
    })

    test('in a digest, unless its unzipped bytes stay the same', async () => {
      await fc.assert(
        fc.asyncProperty(aWorld, number, number, flip, fc.boolean(), async (each, digest, at, bits, isInside) => {
          const key = pick(digestsOf(each), digest)
          const zipped = bodyOf(each, key)
          const body = isInside ? gzipSync(flipped(gunzipSync(zipped), at, bits)) : flipped(zipped, at, bits)
          const { findings } = await verified(each, altered(each, { [key]: { body } }))
          const isSame = unzipped(body)?.equals(gunzipSync(zipped)) === true
          if (!isSame) expect(findings.map((finding) => finding.key)).toContain(key)
          for (const finding of findings) expect(neighborsOf(each, key)).toContain(finding.key)
        }),
        { numRuns: runs(500) },
      )
    })

    test('in a signature, and in the copy of it that its successor has', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...bucketWorlds, backfilled),
          number,
          number,
          flip,
          async (each, digest, at, bits) => {
            const key = pick(
              digestsOf(each).filter((candidate) => neighborsOf(each, candidate)[2] !== undefined),
              digest,
            )
            const text = each.objects.get(key)?.signature ?? ''
            const signature = flipped(Buffer.from(text), at, bits).toString('latin1')
            const { findings } = await verified(each, altered(each, { [key]: { signature } }))
            const [, , next] = neighborsOf(each, key)
            const isSame = signature.toLowerCase() === text
            expect(summaryOf(findings)).toEqual(
              isSame ? [] : [`verify.previous-signature ${next}`, `verify.signature-wrong ${key}`],
            )
          },
        ),
        { numRuns: runs(300) },
      )
    })
  })

  test('any set of objects that is removed is found, and each missing period is named', async () => {
    await fc.assert(
      fc.asyncProperty(aWorld, fc.infiniteStream(fc.nat(99)), number, fc.nat(90), async (each, dice, kept, odds) => {
        const chances = dice[Symbol.iterator]()
        const isRemoved = () => Number(chances.next().value) < odds
        const removed = new Set(keysOf(each).filter(isRemoved))
        // Of a chain that is gone nothing is left to tell.
        for (const chain of each.chains) removed.delete(pick(chain, kept))
        const changes = Object.fromEntries([...removed].map((key) => [key, undefined]))
        const { findings } = await verified(each, altered(each, changes))
        const expected = [...removed].flatMap((key) => {
          if (isDigest(key)) return [`verify.digest-missing ${iso(startOf(each, key))}`]
          const listing = listingOf(each, key)
          // In a mirror without signatures, a digest whose successor is gone is not proven.
          const isProven = !removed.has(listing) && !isUnsigned(each, listing, removed)
          return isProven ? [`verify.log-missing ${key}`] : []
        })
        expect(summaryOf(findings)).toEqual(expected.toSorted())
      }),
      { numRuns: runs(700) },
    )
  })

  describe('any log that is', () => {
    const aLog = fc.tuple(aWorld, number).map(([each, log]) => ({ each, key: pick(logsOf(each), log) }))

    test('added is found', async () => {
      await fc.assert(
        fc.asyncProperty(aWorld, fc.array(number, { minLength: 1, maxLength: 5 }), async (each, times) => {
          const objects = new Map(each.objects)
          const { fromMs, toMs } = each.window
          const added = times.map((time) =>
            writeLog(objects, fromMs + 60_000 + ((time * 977) % (toMs - fromMs - 180_000))),
          )
          const { findings, state } = await verified(each, objects)
          expect(summaryOf(findings)).toEqual(added.map(({ key }) => `verify.log-unlisted ${key}`).toSorted())
          expect(state.unlisted).toBe(added.length)
        }),
        { numRuns: runs(200) },
      )
    })

    test('renamed is found under both names', async () => {
      await fc.assert(
        fc.asyncProperty(aLog, fc.stringMatching(/^[a-z]{16}$/), async ({ each, key }, random) => {
          const renamed = key.replace(/_R\d+\.json/, `_${random}.json`)
          const changes = { [key]: undefined, [renamed]: { body: bodyOf(each, key) } }
          const { findings } = await verified(each, altered(each, changes))
          expect(summaryOf(findings)).toEqual([`verify.log-missing ${key}`, `verify.log-unlisted ${renamed}`])
        }),
        { numRuns: runs(200) },
      )
    })

    test('swapped with another is found, and so is the other', async () => {
      await fc.assert(
        fc.asyncProperty(aLog, number, async ({ each, key }, at) => {
          const other = pick(logsOf(each), at)
          fc.pre(other !== key)
          const changes = { [key]: { body: bodyOf(each, other) }, [other]: { body: bodyOf(each, key) } }
          const { findings } = await verified(each, altered(each, changes))
          expect(summaryOf(findings)).toEqual([`verify.log-hash ${key}`, `verify.log-hash ${other}`].toSorted())
        }),
        { numRuns: runs(200) },
      )
    })

    test('truncated is found', async () => {
      await fc.assert(
        fc.asyncProperty(aLog, number, async ({ each, key }, at) => {
          const body = bodyOf(each, key)
          const cut = body.subarray(0, at % body.length)
          const { findings } = await verified(each, altered(each, { [key]: { body: cut } }))
          expect(summaryOf(findings)).toEqual([`verify.log-malformed ${key}`])
        }),
        { numRuns: runs(200) },
      )
    })

    test('extended is found, unless a gzip member without bytes follows it', async () => {
      const more = fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 1000 }).map((length) => new Uint8Array(length)),
        fc.uint8Array({ minLength: 0, maxLength: 40 }).map((bytes) => gzipSync(bytes)),
      )
      await fc.assert(
        fc.asyncProperty(aLog, more, async ({ each, key }, bytes) => {
          const body = Buffer.concat([bodyOf(each, key), bytes])
          const { findings } = await verified(each, altered(each, { [key]: { body } }))
          const isSame = bytes[0] === 0x1f && unzipped(Buffer.from(bytes))?.length === 0
          expect(new Set(findings.map((finding) => finding.key))).toEqual(new Set(isSame ? [] : [key]))
        }),
        { numRuns: runs(300) },
      )
    })
  })

  describe('any digest that is', () => {
    const aDigest = fc
      .tuple(fc.constantFrom(...bucketWorlds), number)
      .map(([each, digest]) => ({ each, key: pick(digestsOf(each), digest) }))

    test('renamed is misplaced in its new place, and missing in its old one', async () => {
      await fc.assert(
        fc.asyncProperty(aDigest, fc.integer({ min: 1, max: periods * 3600 }), async ({ each, key }, seconds) => {
          const renamed = digestKey('audit', startMs + seconds * 1000)
          fc.pre(!each.objects.has(renamed) && key.includes('_audit_'))
          const changes = { [key]: undefined, [renamed]: each.objects.get(key) }
          const { findings } = await verified(each, altered(each, changes))
          expect(summaryOf(findings)).toEqual(
            [`verify.digest-misplaced ${renamed}`, `verify.digest-missing ${iso(startOf(each, key))}`].toSorted(),
          )
        }),
        { numRuns: runs(200) },
      )
    })

    test('replaced by another is misplaced there, and the one that was there is missing', async () => {
      await fc.assert(
        fc.asyncProperty(aDigest, number, async ({ each, key }, at) => {
          const other = pick(digestsOf(each), at)
          fc.pre(other !== key)
          const { findings } = await verified(each, altered(each, { [key]: each.objects.get(other) }))
          const isOfChain = other.includes('_audit_') === key.includes('_audit_')
          expect(summaryOf(findings)).toEqual(
            [
              `verify.digest-missing ${iso(startOf(each, key))}`,
              `${isOfChain ? 'verify.digest-misplaced' : 'verify.digest-of-other-chain'} ${key}`,
            ].toSorted(),
          )
        }),
        { numRuns: runs(200) },
      )
    })

    test('truncated or extended is malformed', async () => {
      const change = fc.oneof(
        number.map((at) => (body: Buffer) => body.subarray(0, at % body.length)),
        fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => (body: Buffer) => Buffer.concat([body, bytes])),
        fc.integer({ min: 1, max: 100 }).map((count) => (body: Buffer) => Buffer.concat([body, Buffer.alloc(count)])),
      )
      await fc.assert(
        fc.asyncProperty(aDigest, change, async ({ each, key }, changed) => {
          const body = changed(bodyOf(each, key))
          const { findings } = await verified(each, altered(each, { [key]: { body } }))
          expect(summaryOf(findings)).toEqual([`verify.digest-malformed ${key}`])
        }),
        { numRuns: runs(200) },
      )
    })
  })

  test('no change hides another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bucketWorlds), number, number, number, async (each, a, b, c) => {
        const [removed, cut, changed] = [a, b, c].map((at) => pick(logsOf(each), at)) as [string, string, string]
        const digest = pick(digestsOf(each), a + b)
        const listings = [removed, cut, changed].map((log) => listingOf(each, log))
        fc.pre(new Set([removed, cut, changed]).size === 3 && !listings.includes(digest))
        const objects = new Map(
          altered(each, {
            [removed]: undefined,
            [cut]: { body: bodyOf(each, cut).subarray(0, -1) },
            [changed]: { body: gzipSync('{"Records":[]}') },
            [digest]: undefined,
          }),
        )
        const { findings } = await verified(each, objects)
        expect(summaryOf(findings)).toEqual(
          [
            `verify.digest-missing ${iso(startOf(each, digest))}`,
            `verify.log-missing ${removed}`,
            `verify.log-malformed ${cut}`,
            `verify.log-hash ${changed}`,
          ].toSorted(),
        )
      }),
      { numRuns: runs(200) },
    )
  })

  test('removed and altered digests do not hide one another, and no log is blamed for them', async () => {
    const fate = fc.constantFrom('kept', 'kept', 'removed', 'altered', 'truncated', 'unsigned')
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...bucketWorlds),
        fc.array(fate, { minLength: 20, maxLength: 20 }),
        number,
        flip,
        async (each, fates, at, bits) => {
          const fateOf = new Map(digestsOf(each).map((key, index) => [key, fates[index]]))
          // How far back a chain reaches is known only from a digest that is right.
          const firsts = each.chains.map((chain) => chain.find((key) => fateOf.get(key) !== 'removed'))
          for (const key of firsts) if (key !== undefined) fateOf.delete(key)
          const changes = [...fateOf].flatMap(([key, what]): [string, Partial<StoredObject> | undefined][] => {
            const body = bodyOf(each, key)
            if (what === 'removed') return [[key, undefined]]
            if (what === 'altered') return [[key, { body: gzipSync(flipped(gunzipSync(body), at, bits)) }]]
            if (what === 'truncated') return [[key, { body: body.subarray(0, at % body.length) }]]
            return what === 'unsigned' ? [[key, { signature: undefined, algorithm: undefined }]] : []
          })
          const { findings } = await verified(each, altered(each, Object.fromEntries(changes)))
          const missing = findings.filter(({ code }) => code === 'verify.digest-missing')
          const removed = changes.filter(([, change]) => change === undefined).map(([key]) => key)
          expect(summaryOf(missing)).toEqual(
            removed.map((key) => `verify.digest-missing ${iso(startOf(each, key))}`).toSorted(),
          )
          const others = findings.filter((finding) => !missing.includes(finding)).map(({ key }) => key)
          for (const [key, change] of changes) if (change !== undefined) expect(others).toContain(key)
          const explained = new Set(changes.flatMap(([key]) => neighborsOf(each, key).slice(1)))
          for (const key of others) expect(explained).toContain(key)
        },
      ),
      { numRuns: runs(300) },
    )
  })
}
