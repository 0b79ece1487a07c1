import { setTimeout } from 'node:timers/promises'
import { CrosstrailError, type ErrorCode } from '../error.ts'
import { interrupted } from './interrupted.ts'

export interface RetryPolicy {
  readonly maxAttempts: number
  readonly baseDelayMs: number
  readonly maxDelayMs: number
}

export const defaultRetryPolicy: RetryPolicy = { maxAttempts: 12, baseDelayMs: 50, maxDelayMs: 20_000 }

const passing = new Set<ErrorCode>([
  'bucket.slow-down',
  'bucket.server-error',
  'bucket.malformed-answer',
  'bucket.wrong-page',
  'bucket.answer-too-large',
  'bucket.listing-loops',
  'object.truncated',
  'object.too-long',
  'object.corrupt',
  'network.stalled',
  'network.connect-timeout',
  'network.short-answer',
  'network.answer-too-large',
  'network.broken',
  'network.unknown-host',
  'network.slow-answer',
  'network.too-many-open-files',
  'network.endless-head',
  'network.endless-trailers',
  'network.endless-informational',
  'network.proxy-failed',
])

/** Whether the same call may succeed when it is made again. */
export function isPassing(error: unknown): error is CrosstrailError {
  return error instanceof CrosstrailError && (passing.has(error.code) || isPassingPage(error))
}

/** A page of a machine on the way: one that is overloaded, or that gives a page in place of an answer, may be gone the next time. */
function isPassingPage({ code, facts }: CrosstrailError): boolean {
  const status = Number(facts['status'])
  return code === 'network.foreign-answer' && (status < 300 || status >= 500 || status === 408 || status === 429)
}

/** Whether nothing more is done with an object after this error, though its bytes were never seen. */
export function endsObject(error: unknown): boolean {
  return error instanceof CrosstrailError && endings.has(error.code) && !isPassing(error)
}

const endings = new Set<ErrorCode>(['object.gone', 'object.changed', 'bucket.refused', 'network.foreign-answer'])

/** Whether a body proved to be another than it should be: a length or a sum of it was wrong. */
export function isWrongBody(error: unknown): boolean {
  return isPassing(error) && error.code.startsWith('object.')
}

/** The wait before attempt `attempt` (1 for the second call): full jitter, `random()` of the doubled base, capped. */
export function backoffMs(attempt: number, policy: RetryPolicy, random: () => number): number {
  return random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1))
}

/**
 * Makes a call until it succeeds, fails for good, or its attempts are used up; the last error is thrown.
 * The one retry loop of a call: nothing below it retries. An abort ends a wait at once with `interrupted`.
 */
export async function retrying<T>(
  attempt: (attemptNumber: number) => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  mayPass: (error: unknown) => boolean = isPassing,
): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await attempt(number)
    } catch (error) {
      if (!mayPass(error) || number >= policy.maxAttempts) throw error
    }
    await pause(backoffMs(number, policy, Math.random), signal)
  }
}

/** Waits. An abort ends it at once with `interrupted`. */
export async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(delayMs, undefined, { signal })
  } catch {
    throw interrupted(signal)
  }
}
