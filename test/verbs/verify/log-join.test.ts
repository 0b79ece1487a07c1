import { describe, expect, test } from 'vitest'
import { parseKey } from '../../../src/trail/key.ts'
import type { LogObject } from '../../../src/trail/log-object.ts'
import type { ListedLog } from '../../../src/verbs/verify/check-log.ts'
import type { VerifyFinding } from '../../../src/verbs/verify/finding.ts'
import type { DarkSpan } from '../../../src/verbs/verify/span.ts'
import { type JoinedLog, LogJoin } from '../../../src/verbs/verify/log-join.ts'
import { hour, logAccount, region, writeLog } from './chain-builder.ts'

const startMs = Date.UTC(2026, 10, 3, 14)
const minute = 60_000
const chain = { logAccount, region, trailName: 'audit', homeRegion: region, backfill: false }
/** The digests up to that time list all logs, and no chain is behind. */
const complete = { isCovered: () => true, isSilent: () => false }

function join(chains = complete, nowMs = startMs + 90 * hour) {
  const logs: JoinedLog[] = []
  const findings: VerifyFinding[] = []
  const listener = {
    log: (log: JoinedLog) => void logs.push(log),
    finding: (finding: VerifyFinding) => void findings.push(finding),
  }
  return {
    join: new LogJoin(chains, { nowMs, graceMs: 2 * hour }, listener),
    logs,
    findings,
    states: () => logs.map(({ state }) => state),
  }
}

function log(atMs: number): LogObject {
  const { key } = writeLog(new Map(), atMs)
  const parts = parseKey(key, { prefix: '' })
  if (parts === undefined) throw new Error(key)
  return { ...parts, key, sizeBytes: 1, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }
}

const listed = ({ key }: LogObject, change: Partial<ListedLog> = {}): ListedLog => {
  return { bucket: 'b', key, sha256: 'aa', digestKey: 'digest', chain, ...change }
}
const dark = (startsAtMs: number, endMs: number, change: Partial<DarkSpan> = {}): DarkSpan => {
  return { startMs: startsAtMs, endMs, isPending: false, findings: [], ...change }
}
const finding: VerifyFinding = {
  code: 'verify.digest-missing',
  key: undefined,
  chain,
  startMs: 0,
  endMs: 0,
  message: 'missing',
}

describe('a log that is there', () => {
  test('is joined with its digest at once, whichever comes first, and under another prefix too', () => {
    const { join: joined, logs } = join()
    const [one, two] = [log(startMs), log(startMs + minute)]
    joined.find(one)
    expect(joined.list(listed(one), startMs)).toBe(true)
    joined.list(listed(two, { key: `old/${two.key}` }), startMs + minute)
    joined.find(two)
    expect(logs.map((each) => [each.object.key, each.state])).toEqual([
      [one.key, 'listed'],
      [two.key, 'listed'],
    ])
  })

  test('is unlisted when all digests that could list it are known', () => {
    const { join: joined, states } = join()
    joined.find(log(startMs + 59 * minute))
    joined.advance(startMs + 5 * hour, Infinity)
    expect(states()).toEqual([])
    joined.advance(startMs + 5 * hour + minute, Infinity)
    expect(states()).toEqual(['unlisted'])
    expect(joined.held).toBe(0)
  })

  test('is unproven if the digest of its period or of the next one is missing', () => {
    const at = startMs + 30 * minute
    const spans: [from: number, to: number, state: string][] = [
      [startMs, startMs + hour, 'unproven'],
      [startMs + hour, startMs + 2 * hour, 'unproven'],
      [startMs + 2 * hour, startMs + 3 * hour, 'unlisted'],
      [startMs - hour, startMs, 'unlisted'],
    ]
    for (const [from, to, state] of spans) {
      const { join: joined, states } = join()
      joined.find(log(at))
      joined.dark(dark(from, to))
      joined.advance(Infinity, Infinity)
      expect(states()).toEqual([state])
    }
  })

  test('is pending if its digest is not due, but not if another one is missing', () => {
    for (const [spans, state] of [
      [[], 'pending'],
      [[dark(startMs, startMs + hour)], 'unproven'],
    ] as const) {
      const { join: joined, states } = join()
      joined.find(log(startMs))
      joined.dark(dark(startMs, Infinity, { isPending: true }))
      for (const span of spans) joined.dark(span)
      joined.advance(Infinity, Infinity)
      expect(states()).toEqual([state])
    }
  })

  test('before the first digest is uncovered, and pending as long as that may not be due', () => {
    for (const [nowMs, state] of [
      [startMs + 4 * hour, 'pending'],
      [startMs + 5 * hour, 'uncovered'],
    ] as const) {
      const { join: joined, states } = join({ ...complete, isCovered: () => false }, nowMs)
      joined.find(log(startMs))
      joined.advance(Infinity, Infinity)
      expect(states()).toEqual([state])
    }
  })

  test('makes findings outside the window matter if they alone explain it, once', () => {
    const { join: joined, findings } = join()
    for (const at of [0, 1, 2]) joined.find(log(startMs + at * minute))
    joined.dark(dark(startMs + 5 * hour, startMs + 6 * hour, { findings: [{ ...finding, message: 'other' }] }))
    joined.dark(dark(startMs + hour, startMs + 2 * hour, { findings: [finding] }))
    joined.advance(Infinity, Infinity)
    expect(findings).toEqual([finding])
    const explained = join()
    explained.join.find(log(startMs))
    explained.join.dark(dark(startMs, startMs + hour))
    explained.join.dark(dark(startMs + hour, startMs + 2 * hour, { findings: [finding] }))
    explained.join.advance(Infinity, Infinity)
    expect(explained.findings).toEqual([])
  })

  test('of a chain that is behind is unproven, and later findings explain it', () => {
    const { join: joined, states, findings } = join({ ...complete, isSilent: () => true })
    joined.find(log(startMs))
    joined.advance(Infinity, Infinity)
    expect(states()).toEqual(['unproven'])
    joined.dark(dark(startMs + hour, startMs + 2 * hour, { findings: [finding] }))
    joined.dark(dark(startMs + 2 * hour, startMs + 3 * hour, { findings: [finding] }))
    expect(findings).toEqual([finding])
  })
})

describe('a log that a digest lists', () => {
  test('is missing once, however many digests list it', () => {
    const { join: joined, findings } = join()
    const one = log(startMs)
    joined.list(listed(one), startMs)
    joined.list(listed(one, { digestKey: 'other' }), startMs)
    joined.advance(Infinity, Infinity)
    expect(findings.map(({ code, key }) => [code, key])).toEqual([['verify.log-missing', one.key]])
    expect(joined.missing).toBe(1)
    expect(findings[0]?.message).toBe(`the log ${one.key} is missing: the digest digest lists it in the bucket b`)
  })

  test('with two hashes is found, also if it was joined before', () => {
    const { join: joined, findings, states } = join()
    const one = log(startMs)
    joined.find(one)
    joined.list(listed(one), startMs)
    joined.list(listed(one), startMs)
    for (const digestKey of ['second', 'third']) joined.list(listed(one, { sha256: 'bb', digestKey }), startMs)
    expect(states()).toEqual(['listed'])
    expect(findings.map(({ message }) => message)).toEqual([
      `the log ${one.key} has one hash in digest and another one in second`,
    ])
  })

  test('long after its delivery cannot be looked up', () => {
    const { join: joined } = join()
    joined.advance(startMs + 20 * hour, startMs + 20 * hour)
    expect(joined.list(listed(log(startMs)), startMs)).toBe(false)
  })
})
