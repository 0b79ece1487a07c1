import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/lab/random.ts'
import { type Judgement, RefusalJudge } from '../../src/s3/refusal-judge.ts'

interface Phase {
  readonly seconds: number
  /** The shares that are refused while calls are fast, and while they are slow. */
  readonly fast: number
  readonly slow: number
}

/** Makes 500 calls per second, in phases. Returns the judgments, and the base at the end. */
function judge(...phases: readonly Phase[]) {
  const random = seededRandom(3)
  const one = new RefusalJudge()
  const judged: Judgement[] = []
  let isSlow = false
  let nowMs = 1_000_000_000_000
  for (const { seconds, fast, slow } of phases) {
    for (let call = 0; call < seconds * 500; call++) {
      const refused = random() < (isSlow ? slow : fast) ? 1 : 0
      const judgement = one.add(1 - refused, refused, (nowMs += 2))
      if (judgement === undefined) continue
      judged.push(judgement)
      isSlow = judgement !== 'no-help'
    }
  }
  return { judged, base: one.base }
}

const random = (share: number, seconds: number): Phase => ({ seconds, fast: share, slow: share })

describe('refusals', () => {
  it.each([0.05, 0.15, 0.3])(
    'that stay the same with slow calls are no reason to slow down: a share of %d',
    (share) => {
      const { judged, base } = judge(random(share, 12))
      expect(judged).toEqual(['slow-down', 'no-help'])
      expect(base).toBeGreaterThan(share * 0.8)
      expect(base).toBeLessThan(share * 1.3)
    },
  )

  it.each([0.05, 0.15, 0.4])('that stop with slow calls are a reason to slow down: a share of %d', (share) => {
    expect(judge({ seconds: 12, fast: share, slow: 0 })).toEqual({ judged: ['slow-down', 'helped'], base: 0 })
  })

  it('that become fewer lead to another trial, and the rest is accepted', () => {
    const { judged, base } = judge({ seconds: 20, fast: 0.4, slow: 0.1 })
    expect(judged.slice(0, 2)).toEqual(['slow-down', 'helped-some'])
    expect(judged).toContain('no-help')
    expect(base).toBeLessThan(0.2)
  })

  it('of less than one in twenty-five count as chance', () => {
    expect(judge(random(0.03, 60))).toEqual({ judged: [], base: 0 })
  })

  it('above the base are a reason again', () => {
    const { judged } = judge(random(0.1, 8), { seconds: 6, fast: 0.3, slow: 0.1 })
    expect(judged).toEqual(['slow-down', 'no-help', 'slow-down', 'helped'])
  })

  it('that were found to happen at any rate are tested again every sixteen seconds', () => {
    const { judged } = judge(random(0.1, 70))
    expect(judged.filter((one) => one === 'slow-down').length).toBeGreaterThanOrEqual(4)
    expect(judged.filter((one) => one === 'slow-down').length).toBeLessThanOrEqual(6)
    expect(judged.at(-1)).toBe('no-help')
  })

  it('of more than half of the calls slow calls down within a fifth of a second', () => {
    const { judged } = judge(random(0, 1), { seconds: 0.2, fast: 0.6, slow: 0.6 })
    expect(judged[0]).toMatch(/^(slow-down|stopped)$/)
  })

  it('of all calls do not show that the rate does not matter', () => {
    const { judged } = judge(random(0, 3), random(1, 20))
    expect(judged).toContain('stopped')
    expect(judged).not.toContain('no-help')
  })
})
