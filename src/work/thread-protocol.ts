import { CrosstrailError, type ErrorCode } from '../error.ts'
import type { SigningKeys } from '../s3/credentials.ts'
import type { Slice } from '../trail/slice.ts'
import type { FailedOutcome } from './outcome.ts'
import type { RunEvent } from './run-event.ts'

/** From the run's thread to a working one. */
export type ToThread =
  | { readonly type: 'slice'; readonly id: number; readonly slice: Slice }
  | { readonly type: 'keys'; readonly id: number; readonly keys: SigningKeys }
  | { readonly type: 'no-keys'; readonly id: number; readonly error: FlatError }
  | { readonly type: 'stop-taking' }
  | { readonly type: 'stop' }
  | { readonly type: 'close' }

/** From a working thread to the run's. */
export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'cannot-start'; readonly error: FlatError }
  | { readonly type: 'events'; readonly events: readonly FlatEvent[] }
  | { readonly type: 'slice-done'; readonly id: number; readonly error?: FlatError | undefined }
  | { readonly type: 'listed'; readonly id: number }
  | { readonly type: 'give-away'; readonly id: number; readonly slice: Slice }
  | {
      readonly type: 'want-keys'
      readonly id: number
      readonly account: string
      readonly refused?: SigningKeys | undefined
    }
  | { readonly type: 'fatal'; readonly error: FlatError }
  | { readonly type: 'limit' }
  | { readonly type: 'closed' }

/** An error as threads pass it on: a structured clone would lose the class and the code. */
export interface FlatError {
  readonly known: boolean
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly facts: CrosstrailError['facts']
  readonly stack: string | undefined
}

/** A failed outcome goes without its error, whose cause may be what cannot be cloned. */
export type FlatEvent =
  | { readonly event: Exclude<RunEvent, { type: 'account-failed' }>; readonly failed?: undefined }
  | { readonly event?: undefined; readonly failed: Omit<FailedOutcome, 'error'>; readonly error: FlatError }

export function flattenError(error: unknown): FlatError {
  if (error instanceof CrosstrailError) {
    const { code, message, hint, facts, stack } = error
    return { known: true, code, message, hint, facts, stack }
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { known: false, code: '', message, hint: undefined, facts: {}, stack }
}

export function restoreError(flat: FlatError): Error {
  const { known, code, message, hint, facts, stack } = flat
  const error = known ? new CrosstrailError(code as ErrorCode, message, { hint, facts }) : new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}

/** Throws for what a thread never tells: that an account failed. */
export function flattenEvent(event: RunEvent): FlatEvent {
  if (event.type === 'account-failed') throw new Error('a working thread does not know of accounts that fail')
  if (event.type !== 'outcome' || event.outcome.status !== 'failed') return { event }
  const { error, ...failed } = event.outcome
  return { failed, error: flattenError(error) }
}

export function restoreEvent(flat: FlatEvent): RunEvent {
  if (flat.failed === undefined) return flat.event
  return { type: 'outcome', outcome: { ...flat.failed, error: restoreError(flat.error) as CrosstrailError } }
}
