import { describe, expect, test } from 'vitest'
import type { Digest } from '../../../src/records/digest.ts'
import type { Window } from '../../../src/trail/window.ts'
import { ChainCheck } from '../../../src/verbs/verify/chain-check.ts'
import type { ChainState } from '../../../src/verbs/verify/chain-facts.ts'
import type { CheckedDigest, DigestState } from '../../../src/verbs/verify/check-digest.ts'
import type { VerifyFinding } from '../../../src/verbs/verify/finding.ts'
import type { DarkSpan } from '../../../src/verbs/verify/span.ts'
import { digestKey, hour, iso, logAccount, region } from './chain-builder.ts'

const startMs = Date.UTC(2026, 10, 3, 14, 1, 31)
const chain = { logAccount, region, trailName: 'audit', homeRegion: region, backfill: false }
/** The end of the period of that number. */
const end = (period: number) => startMs + (period + 1) * hour

interface Shape {
  readonly endMs?: number
  /** The period that it names as the one before; `null` starts a chain. */
  readonly previous?: number | null
  readonly previousKey?: string
  readonly previousBucket?: string
  readonly previousSha256?: string
  readonly state?: DigestState
  readonly isMalformed?: boolean
  readonly lengthMs?: number
  readonly isBackfill?: boolean
}

function digest(period: number, shape: Shape = {}): CheckedDigest {
  const { endMs = end(period), previous = period - 1, state = 'proven', lengthMs = hour, isBackfill = false } = shape
  const key = digestKey('audit', endMs, isBackfill)
  const parsed: Digest = {
    awsAccountId: logAccount,
    digestEndTime: iso(endMs),
    startMs: endMs - lengthMs,
    endMs,
    digestS3Bucket: 'b',
    digestS3Object: key,
    publicKeyFingerprint: 'f',
    signatureAlgorithm: 'SHA256withRSA',
    otherAlgorithms: [],
    previousDigestSignature: null,
    previous:
      previous === null
        ? undefined
        : {
            bucket: shape.previousBucket ?? 'b',
            key: shape.previousKey ?? digestKey('audit', end(previous), isBackfill),
            sha256: shape.previousSha256 ?? `hash of ${previous}`,
            signature: `signature of ${previous}`,
          },
    logs: [],
  }
  return {
    bucket: 'b',
    key,
    parts: { ...chain, logAccount, kind: 'digest', deliveredAtMs: endMs, backfill: isBackfill },
    chain: { ...chain, backfill: isBackfill },
    sha256: `hash of ${period}`,
    signature: `signature of ${period}`,
    signatureAlgorithm: undefined,
    digest: shape.isMalformed === true ? undefined : parsed,
    findings: [],
    state: shape.isMalformed === true ? 'unproven' : state,
    isInPlace: true,
    publicKey: undefined,
  }
}

interface Result {
  readonly texts: readonly string[]
  readonly findings: readonly VerifyFinding[]
  readonly dark: readonly DarkSpan[]
  readonly state: ChainState
}

function checked(
  digests: readonly CheckedDigest[],
  window: Window = { fromMs: startMs, toMs: end(5) },
  nowMs = end(50),
): Result {
  const findings: VerifyFinding[] = []
  const dark: DarkSpan[] = []
  const name = digests[0]?.chain ?? chain
  const check = new ChainCheck(
    name,
    { window, nowMs, graceMs: 2 * hour },
    {
      finding: (finding) => void findings.push(finding),
      dark: (span) => void dark.push(span),
    },
  )
  for (const each of digests) check.add(each)
  const state = check.finish()
  const texts = findings.map(({ code, startMs: from }) => `${code} ${((from ?? 0) - startMs) / hour}`)
  return { texts, findings, dark, state }
}

const range = (from: number, to: number, shape: Shape = {}) =>
  Array.from({ length: to - from + 1 }, (_, at) => digest(from + at, shape))

describe('the digests of a chain', () => {
  test('that follow one another have no findings, wherever the window begins and ends', () => {
    for (const fromMs of [undefined, startMs - 90 * hour, startMs, startMs + 5]) {
      for (const toMs of [end(3), end(3) + 5, end(5)]) {
        const digests = [digest(0, { previous: null }), ...range(1, 6)]
        expect(checked(digests, { fromMs, toMs }).texts).toEqual([])
      }
    }
  })

  test('are compared with the one before the window, which itself is not looked at', () => {
    const before = digest(-1, { previousSha256: 'other', state: 'unproven' })
    const { texts, state } = checked([digest(-2), before, ...range(0, 6)])
    expect(texts).toEqual([])
    expect(state).toMatchObject({ digests: 6, proven: 6, missing: 0, verifiedUntilMs: end(5) })
  })

  test('may be shorter than an hour at the end of a chain', () => {
    const short = digest(3, { endMs: end(2) + 600_000, lengthMs: 600_000, previous: 2 })
    const restarted = digest(4, { previous: null })
    const { texts } = checked([...range(0, 2), short, restarted, ...range(5, 6)])
    expect(texts.map((text) => text.split(' ')[0])).toEqual(['verify.chain-restarted'])
  })

  test('whose predecessor was altered say so', () => {
    const { texts, findings, state } = checked([...range(0, 2), digest(3, { previousSha256: 'x' }), ...range(4, 6)])
    expect(texts).toEqual(['verify.previous-hash 3'])
    expect(findings[0]?.message).toContain(digestKey('audit', end(2)))
    expect(state.verifiedUntilMs).toBe(end(2))
  })
})

describe('missing digests', () => {
  test('at the head are named back to the window', () => {
    expect(checked(range(2, 6)).texts).toEqual(['verify.digest-missing 0', 'verify.digest-missing 1'])
    expect(checked(range(2, 6), { fromMs: startMs - 1, toMs: end(5) }).texts).toHaveLength(3)
    const { texts, dark } = checked(range(2, 6), { toMs: end(5) })
    expect(texts).toEqual(['verify.digest-missing 1'])
    expect(dark).toContainEqual({ startMs: -Infinity, endMs: end(1), isPending: false, findings: [] })
  })

  test('inside are named one by one, and the last one by its key', () => {
    const { texts, findings } = checked([...range(0, 1), ...range(4, 6)])
    expect(texts).toEqual(['verify.digest-missing 2', 'verify.digest-missing 3'])
    expect(findings.map(({ key }) => key)).toEqual([undefined, digestKey('audit', end(3))])
    expect(findings[0]?.message).toBe(
      `the digest of 111122223333/us-east-1/audit (home us-east-1) for 2026-11-03T16:01:31Z to 2026-11-03T17:01:31Z is missing: the digest ${digestKey('audit', end(4))} names ${digestKey('audit', end(3))} as the one before it`,
    )
  })

  test('beside malformed or unproven digests are named too', () => {
    for (const shape of [{ isMalformed: true }, { state: 'unproven' }] as const) {
      expect(checked([digest(0), digest(1, shape), ...range(2, 6)]).texts).toEqual([])
      expect(checked([digest(0), digest(2, shape), ...range(3, 6)]).texts).toEqual(['verify.digest-missing 1'])
      expect(checked([digest(0), digest(1, shape), ...range(4, 6)]).texts).toEqual([
        'verify.digest-missing 2',
        'verify.digest-missing 3',
      ])
      expect(checked([...range(0, 4), digest(5, shape)]).texts).toEqual([])
    }
    expect(checked([digest(2, { state: 'unproven' }), ...range(3, 6)]).texts).toEqual([
      'verify.digest-missing 0',
      'verify.digest-missing 1',
    ])
  })

  test('are named although a forged digest lies in their period', () => {
    const forged = digest(2, { endMs: end(2) - 1000, state: 'unproven', previous: 1 })
    expect(checked([...range(0, 1), forged, ...range(3, 6)]).texts).toEqual(['verify.digest-missing 2'])
  })

  test('are not reported because of a forged digest between two that belong together', () => {
    const forged = digest(2, { endMs: end(2) + 60_000, state: 'unproven', previous: 0 })
    expect(checked([...range(0, 2), forged, ...range(3, 6)]).texts.filter((text) => text.includes('missing'))).toEqual(
      [],
    )
  })

  test('are named although an unproven digest claims to follow the one before them', () => {
    const forged = digest(4, { state: 'unproven', previous: 1 })
    expect(checked([...range(0, 1), forged, ...range(5, 6)]).texts).toEqual([
      'verify.digest-missing 2',
      'verify.digest-missing 3',
    ])
  })

  test('are named once, although forged digests with times to come lie behind them', () => {
    const forged = digest(0, { endMs: end(900_000), state: 'unproven' })
    expect(checked([...range(0, 3), forged], { fromMs: startMs }, end(5) + 2 * hour).texts).toEqual([
      'verify.digest-missing 4',
      'verify.digest-missing 5',
    ])
  })

  test('are not reported because of many forged digests between two that belong together', () => {
    const forged = Array.from({ length: 30 }, (_, at) =>
      digest(2, { endMs: end(2) + at * 1000 + 1000, state: 'unproven' }),
    )
    expect(
      checked([...range(0, 2), ...forged, ...range(3, 6)]).texts.filter((text) => text.includes('missing')),
    ).toEqual([])
  })

  test('at the tail are missing when they are due, and pending before', () => {
    const { texts, state, dark } = checked(range(0, 1), { fromMs: startMs }, end(4) + 60_000)
    expect(texts).toEqual(['verify.digest-missing 2'])
    expect(state).toMatchObject({ missing: 1, pending: 3 })
    expect(dark.at(-1)).toMatchObject({ startMs: end(2), endMs: Infinity, isPending: true })
  })

  test('of a chain that ended before the window are named for the whole window', () => {
    expect(checked([digest(-1)]).texts).toHaveLength(6)
  })
})

describe('a chain', () => {
  test('that starts again has one finding for the time between', () => {
    const { texts, findings, dark } = checked([...range(0, 1), digest(4, { previous: null }), ...range(5, 6)])
    expect(texts).toEqual(['verify.chain-restarted 2'])
    expect(findings[0]).toMatchObject({ key: digestKey('audit', end(4)), endMs: end(3) })
    expect(findings[0]?.message).toContain('from 2026-11-03T16:01:31Z to 2026-11-03T18:01:31Z: logging stopped')
    expect(dark).toContainEqual({ startMs: end(1), endMs: end(3), isPending: false, findings: [] })
  })

  test('that came from another bucket or prefix names it, and its digests are not missing', () => {
    const { texts, findings } = checked([digest(2, { previousBucket: 'old' }), ...range(3, 6)])
    expect(texts).toEqual(['verify.chain-elsewhere 0'])
    expect(findings[0]?.message).toContain('were delivered to s3://old/AWSLogs/: verify that place too')
    const previousKey = `old/${digestKey('audit', end(1))}`
    expect(checked([digest(2, { previousKey }), ...range(3, 6)], { toMs: end(5) }).texts).toEqual([])
    expect(checked([...range(0, 1), digest(2, { previousKey, previousBucket: 'old' }), ...range(3, 6)]).texts).toEqual(
      [],
    )
  })

  test('of backfill digests is not hourly: only a digest that is named as a predecessor can be missing', () => {
    const backfill = (period: number, previous: number | null) => digest(period, { previous, isBackfill: true })
    expect(checked([backfill(0, -9), backfill(3, 0), backfill(4, null)]).texts).toEqual([])
    expect(checked([backfill(0, null), backfill(3, 2)]).texts).toEqual(['verify.digest-missing 2'])
  })
})
