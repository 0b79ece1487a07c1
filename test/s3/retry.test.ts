import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { backoffMs, isPassing, retrying } from '../../src/s3/retry.ts'

const quick = { maxAttempts: 4, baseDelayMs: 1, maxDelayMs: 2 }
const passing = () => new CrosstrailError('bucket.slow-down', 'slow down')

describe('a retry', () => {
  it('continues until the call succeeds', async () => {
    const seen: number[] = []
    const result = await retrying(
      (number) => {
        seen.push(number)
        return number < 3 ? Promise.reject(passing()) : Promise.resolve('there')
      },
      quick,
      undefined,
    )
    expect([result, seen]).toEqual(['there', [1, 2, 3]])
  })

  it('ends with the last error when it has no attempts left', async () => {
    let calls = 0
    const call = retrying(() => Promise.reject((calls++, passing())), quick, undefined)
    await expect(call).rejects.toMatchObject({ code: 'bucket.slow-down' })
    expect(calls).toBe(4)
  })

  it('is not made for a permanent error', async () => {
    let calls = 0
    const denied = () => Promise.reject((calls++, new CrosstrailError('access.object-denied', 'denied')))
    await expect(retrying(denied, quick, undefined)).rejects.toMatchObject({ code: 'access.object-denied' })
    expect(calls).toBe(1)
  })

  it('is made for an error that the caller calls temporary', async () => {
    let calls = 0
    const expired = () => Promise.reject((calls++, new CrosstrailError('access.session-expired', 'expired')))
    await expect(retrying(expired, quick, undefined, () => true)).rejects.toMatchObject({
      code: 'access.session-expired',
    })
    expect(calls).toBe(4)
  })

  it('is not made for a bug', async () => {
    let calls = 0
    await expect(retrying(() => Promise.reject((calls++, new TypeError('oops'))), quick, undefined)).rejects.toThrow(
      'oops',
    )
    expect(calls).toBe(1)
  })

  it('stops waiting when the run is interrupted', async () => {
    const stop = new AbortController()
    const call = retrying(
      () => Promise.reject(passing()),
      { maxAttempts: 3, baseDelayMs: 60_000, maxDelayMs: 60_000 },
      stop.signal,
    )
    setTimeout(() => stop.abort(), 5)
    await expect(call).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('waits between zero and the doubled base, and never more than the maximum', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const delay = backoffMs(attempt, { maxAttempts: 10, baseDelayMs: 50, maxDelayMs: 20_000 }, () => random)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(Math.min(20_000, 50 * 2 ** (attempt - 1)))
      }),
    )
  })

  it.each(['object.truncated', 'object.corrupt', 'network.stalled', 'network.broken', 'bucket.server-error'] as const)(
    'is made for %s',
    (code) => expect(isPassing(new CrosstrailError(code, 'x'))).toBe(true),
  )
})
