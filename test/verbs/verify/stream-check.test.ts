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

const startMs = Date.UTC(2026, 10, 3, 14, 1, 31)
const monthMs = 30 * 24 * hour
const first = signingKey(startMs - monthMs, startMs + 3 * hour)
const second = signingKey(startMs + 2 * hour, startMs + monthMs, 'spki')
const keys = [first.public, second.public]

const steady: ChainPlan = { startMs, periods: [2, 0, 3, 2, 1, 2], keyOf: (period) => (period < 3 ? first : second) }
const periods = steady.periods.length
const endMs = startMs + periods * hour

function written(...plans: Partial<ChainPlan>[]): Map<string, StoredObject> {
  const objects = new Map<string, StoredObject>()
  for (const plan of plans) writeChain(objects, { ...steady, ...plan })
  return objects
}

const wholeChain: Pick<Rules, 'window' | 'nowMs' | 'keys'> = {
  window: { fromMs: startMs, toMs: endMs },
  nowMs: endMs + 10 * hour,
  keys,
}

const verified = (objects: Objects, rules: Partial<Rules> = {}) => verifyObjects(objects, { ...wholeChain, ...rules })
const findingsOf = async (objects: Objects, rules: Partial<Rules> = {}) =>
  summaryOf((await verified(objects, { window: { fromMs: startMs, toMs: endMs - hour }, ...rules })).findings)
const logsOf = (objects: Objects) => [...objects.keys()].filter((key) => !key.includes('-Digest'))
const digestOf = (period: number, trail = 'audit') => digestKey(trail, startMs + (period + 1) * hour)

describe('an untouched chain has no findings', () => {
  const plans: Record<string, Partial<ChainPlan>[]> = {
    'with odd times, empty periods and a rotation of keys': [{}],
    'if the last log of a period is in the next digest': [{ carries: true }],
    'of two trails in one folder': [{}, { trail: 'security_2', startMs: startMs + 17 * 60_000 }],
    'with a backfill chain': [{}, { backfill: true, periods: [1, 2], keyOf: () => second }],
  }
  for (const [title, [...chains]] of Object.entries(plans)) {
    test(title, async () => {
      const objects = written(...chains)
      const {
        findings,
        state,
        verified: count,
      } = await verified(objects, {
        window: { fromMs: startMs, toMs: endMs - hour },
      })
      expect(summaryOf(findings)).toEqual([])
      expect(state).toMatchObject({ missing: 0, unlisted: 0, unproven: 0, uncovered: 0, pending: 0 })
      expect(count).toBe(state.listed)
      expect(count).toBeGreaterThan(0)
    })
  }
})

describe('digests', () => {
  test('that are missing are named one by one, at the head, inside and at the tail', async () => {
    const objects = written({})
    for (const period of [0, 2, 3, 5]) objects.delete(digestOf(period))
    const { findings } = await verified(objects)
    const missing = [0, 2, 3, 5].map((period) => `verify.digest-missing ${iso(startMs + period * hour)}`)
    expect(summaryOf(findings)).toEqual(missing)
  })

  test('at the tail are missing after the grace, and pending before', async () => {
    const objects = written({})
    objects.delete(digestOf(4))
    objects.delete(digestOf(5))
    const { findings, state } = await verified(objects, { nowMs: endMs + hour })
    expect(summaryOf(findings)).toEqual([`verify.digest-missing ${iso(startMs + 4 * hour)}`])
    expect(state.chains[0]).toMatchObject({ missing: 1, pending: 1, verifiedUntilMs: startMs + 4 * hour })
    expect(state).toMatchObject({ unproven: 1, pending: 2 })
  })

  test('restart their chain with one finding for the time between', async () => {
    expect(await findingsOf(written({ off: [2, 3] }))).toEqual([`verify.chain-restarted ${digestOf(4)}`])
    expect(await findingsOf(written({ restarts: [3] }))).toEqual([`verify.chain-restarted ${digestOf(3)}`])
  })

  test('that were deleted leave logs unproven, and not unlisted', async () => {
    const objects = written({})
    objects.delete(digestOf(2))
    const { findings, state } = await verified(objects)
    expect(summaryOf(findings)).toEqual([`verify.digest-missing ${iso(startMs + 2 * hour)}`])
    expect(state).toMatchObject({ unproven: 3, unlisted: 0, listed: 7 })
  })

  test('of the hour after the window are named only if a log of the window needs them', async () => {
    const toMs = startMs + 4 * hour
    const plain = written({})
    plain.delete(digestOf(4))
    expect(await findingsOf(plain, { window: { fromMs: startMs, toMs } })).toEqual([])
    const carrying = written({ carries: true })
    carrying.delete(digestOf(4))
    expect(await findingsOf(carrying, { window: { fromMs: startMs, toMs } })).toEqual([
      `verify.digest-missing ${iso(toMs)}`,
    ])
  })

  test('that all are gone leave one finding for the stream', async () => {
    const objects = written({})
    for (let period = 0; period < periods; period++) objects.delete(digestOf(period))
    expect(await findingsOf(objects)).toEqual(['verify.no-digests '])
  })

  test('that start later than the logs leave one finding for the logs before', async () => {
    const objects = written({})
    writeLog(objects, startMs - 3 * hour)
    writeLog(objects, startMs - 4 * hour)
    const { findings, state } = await verified(objects, { window: { fromMs: startMs - 5 * hour, toMs: endMs } })
    expect(summaryOf(findings)).toEqual(['verify.no-digests '])
    expect(state.uncovered).toBe(2)
  })

  test('of another trail prove no logs of a trail whose digest is missing', async () => {
    const objects = written({}, { trail: 'other' })
    for (const period of [1, 2, 3]) objects.delete(digestOf(period))
    const { findings, state } = await verified(objects)
    expect(summaryOf(findings)).toEqual(
      [1, 2, 3].map((period) => `verify.digest-missing ${iso(startMs + period * hour)}`),
    )
    expect(state).toMatchObject({ unlisted: 0, unproven: 5 })
  })
})

test('a made-up chain does not hide logs that no digest lists', async () => {
  const objects = written({})
  const added = [1.5, 3.5].map((hours) => writeLog(objects, startMs + hours * hour).key)
  const forger = signingKey(startMs - hour, endMs)
  for (const period of [0, 5]) {
    const forged = { trail: 'forged', startMs: startMs + period * hour, periods: [0], keyOf: () => forger }
    const { findings, state } = await verified(new Map([...objects, ...written(forged)]))
    const codes = findings
      .filter(({ code }) => code !== 'verify.digest-missing')
      .map(({ code, key }) => `${code} ${key}`)
    expect(codes.toSorted()).toEqual(
      [
        `verify.unknown-key ${digestOf(period, 'forged')}`,
        ...added.map((key) => `verify.log-unlisted ${key}`),
      ].toSorted(),
    )
    expect(state.unlisted).toBe(2)
  }
})

describe('a mirror without signatures', () => {
  const unsigned = (objects: Objects) =>
    new Map([...objects].map(([key, { body }]) => [key, { body }] satisfies [string, StoredObject]))

  test('is proven by the copies in its successors, except for the newest digest of each chain', async () => {
    const objects = unsigned(written({}, { trail: 'other', startMs: startMs + 1000 }))
    const { findings, digests, state } = await verified(objects, { isMirror: true })
    expect(summaryOf(findings)).toEqual([])
    expect(digests.filter((digest) => digest.state === 'unsigned').map(({ key }) => key)).toEqual([
      digestOf(5),
      digestKey('other', endMs + 1000),
    ])
    expect(state.unproven).toBe(4)
    expect(state.chains.map(({ unsigned: count }) => count)).toEqual([1, 1])
  })

  test('names a digest that no digest after it names', async () => {
    const objects = unsigned(written({}))
    const body = objects.get(digestOf(2))?.body ?? Buffer.alloc(0)
    const added = digestKey('audit', startMs + 3.5 * hour)
    objects.set(added, { body })
    expect(await findingsOf(objects, { isMirror: true })).toEqual([
      `verify.digest-misplaced ${added}`,
      `verify.signature-missing ${added}`,
    ])
  })

  test('in a bucket each digest without a signature is a finding, and still proven if its successor has a copy', async () => {
    const { findings, state } = await verified(unsigned(written({})))
    expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['verify.signature-missing']))
    expect(findings).toHaveLength(periods)
    expect(state.chains[0]).toMatchObject({ proven: periods - 1 })
  })
})

describe('logs', () => {
  test('that are missing, added and renamed are named', async () => {
    const objects = written({})
    const [one = '', two = ''] = logsOf(objects)
    const body = objects.get(one)
    objects.delete(one)
    const renamed = one.replace('_R', '_S')
    objects.set(renamed, body ?? { body: Buffer.alloc(0) })
    objects.delete(two)
    const added = writeLog(objects, startMs + hour)
    const found = (await findingsOf(objects)).toSorted()
    const expected = [
      `verify.log-missing ${one}`,
      `verify.log-missing ${two}`,
      `verify.log-unlisted ${renamed}`,
      `verify.log-unlisted ${added.key}`,
    ]
    expect(found).toEqual(expected.toSorted())
  })

  test('that nobody lists for hours, beside those of a trail, are one finding: another trail has validation off', async () => {
    const objects = written({ periods: Array.from({ length: 12 }, () => 2) })
    for (let minutes = 0; minutes < 11 * 60; minutes += 30) writeLog(objects, startMs + minutes * 60_000)
    const { findings, state } = await verified(objects, {
      window: { fromMs: startMs, toMs: startMs + 11 * hour },
      nowMs: startMs + 20 * hour,
    })
    expect(findings.map(({ code }) => code)).toEqual(['verify.validation-off'])
    expect(state.unlisted).toBe(21)
  })

  test('that were just delivered are pending', async () => {
    const objects = written({})
    writeLog(objects, endMs - 60_000)
    const { findings, state } = await verified(objects, { nowMs: endMs + 600_000 })
    expect(summaryOf(findings)).toEqual([])
    expect(state.pending).toBe(1)
  })

  test('whose names say nothing about them, or that were delivered long before, are named as not checked', async () => {
    const objects = new Map<string, StoredObject>()
    const old = writeLog(objects, startMs + 120_000)
    const body = Buffer.from('{}')
    const unknown = { key: `AWSLogs/111122223333/CloudTrail-New/us-east-1/2026/11/03/new.json.gz`, body }
    const foreign = { key: old.key.replaceAll('us-east-1', 'eu-west-1'), body }
    writeChain(objects, { ...steady, alsoListed: [unknown, foreign, old] })
    // The old log is unlisted until the last digest, which lists it much too late.
    expect(await findingsOf(objects, { window: { fromMs: startMs, toMs: endMs } })).toEqual(
      [
        ...[unknown, foreign, old].map(({ key }) => `verify.log-unchecked ${key}`),
        `verify.log-unlisted ${old.key}`,
      ].toSorted(),
    )
  })

  test('with two hashes in the digests of two trails are named, and compared with the first one', async () => {
    const objects = written({})
    const [key = ''] = logsOf(objects)
    const other = { trail: 'other', periods: [0], alsoListed: [{ key, body: Buffer.from('other') }] }
    writeChain(objects, { ...steady, ...other })
    const { findings } = await verified(objects)
    expect(summaryOf(findings.filter(({ code }) => code !== 'verify.digest-missing'))).toEqual([
      `verify.log-listed-twice ${key}`,
    ])
  })

  test('are held in memory only for the hours that are undecided', async () => {
    const objects = written({ periods: Array.from({ length: 60 }, () => 8), keyOf: () => second })
    const {
      findings,
      mostHeld,
      verified: count,
    } = await verified(objects, {
      window: { fromMs: startMs, toMs: startMs + 60 * hour },
      nowMs: startMs + 90 * hour,
      keys: [{ ...second.public, validFromMs: 0 }],
    })
    expect(summaryOf(findings)).toEqual([])
    expect(count).toBe(480)
    expect(mostHeld).toBeLessThan(100)
  })
})
