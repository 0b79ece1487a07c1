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

/** Returns whether the same call may succeed if it is repeated. */
export function isPassing(error: unknown): error is CrosstrailError {
  return error instanceof CrosstrailError && (passing.has(error.code) || isPassingPage(error))
}

/** A page from a machine in between may be temporary: if that machine is overloaded, or if it sent the page with status 2xx. */
function isPassingPage({ code, facts }: CrosstrailError): boolean {
  const status = Number(facts['status'])
  return code === 'network.foreign-answer' && (status < 300 || status >= 500 || status === 408 || status === 429)
}

/** Returns whether this error is final for an object although its bytes were never received. */
export function endsObject(error: unknown): boolean {
  return error instanceof CrosstrailError && endings.has(error.code) && !isPassing(error)
}

const endings = new Set<ErrorCode>(['object.gone', 'object.changed', 'bucket.refused', 'network.foreign-answer'])

/** Returns whether a body proved wrong by its length or a checksum. */
export function isWrongBody(error: unknown): boolean {
  return isPassing(error) && error.code.startsWith('object.')
}

/** Returns the wait before attempt `attempt` (1 for the second call): full jitter, `random()` of the doubled base, capped. */
export function backoffMs(attempt: number, policy: RetryPolicy, random: () => number): number {
  return random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1))
}

/**
 * Repeats a call until it succeeds, fails permanently, or has no attempts left; then throws the last error.
 * It is the only retry loop of a call: nothing below it retries. An abort ends a wait at once with `interrupted`.
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
