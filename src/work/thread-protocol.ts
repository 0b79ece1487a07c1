import { CrosstrailError, type ErrorCode } from '../error.ts'
import type { SigningKeys } from '../s3/key-source.ts'
import { maskedText } from '../secrets/masked-text.ts'
import type { LogObject } from '../trail/log-object.ts'
import type { DoneOutcome, FailedOutcome, Outcome, SkippedOutcome } from './outcome.ts'

/** Messages from the run's thread to a helper. */
export type ToThread =
  | { readonly type: 'objects'; readonly objects: readonly HandedObject[] }
  | { readonly type: 'keys'; readonly id: number; readonly keys: SigningKeys }
  | { readonly type: 'no-keys'; readonly id: number; readonly error: FlatError }
  | { readonly type: 'stop-taking' }
  | { readonly type: 'stop' }
  | { readonly type: 'close' }

/** Messages from a helper to the run's thread. */
export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'cannot-start'; readonly error: FlatError }
  | { readonly type: 'taken'; readonly objects: readonly TakenObject[] }
  | {
      readonly type: 'want-keys'
      readonly id: number
      readonly account: string
      readonly refused?: SigningKeys | undefined
    }
  | { readonly type: 'fatal'; readonly error: FlatError }
  | { readonly type: 'closed' }

export interface HandedObject {
  readonly id: number
  readonly account: string
  readonly object: LogObject
}

/** The outcome of an object, without the object itself. */
export interface TakenObject {
  readonly id: number
  /** Undefined if an interrupt gave it up. */
  readonly outcome: FlatOutcome | undefined
}

/** An outcome without what the run's thread knows. An error's cause may not be cloneable. */
export type FlatOutcome =
  | Bare<DoneOutcome>
  | Bare<SkippedOutcome>
  | (Omit<Bare<FailedOutcome>, 'error'> & { readonly error: FlatError })

type Bare<T> = Omit<T, 'account' | 'object'>

/** An error in the form that threads exchange: a structured clone would lose the class and the code. */
export interface FlatError {
  /** Undefined if it was not a CrosstrailError. */
  readonly code: ErrorCode | undefined
  readonly message: string
  readonly hint: string | undefined
  readonly facts: CrosstrailError['facts']
  readonly stack: string | undefined
}

export function flattenError(error: unknown): FlatError {
  if (error instanceof CrosstrailError) {
    const { code, message, hint, facts, stack } = error
    return { code, message, hint, facts, stack }
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: undefined, message, hint: undefined, facts: {}, stack }
}

/** Restores the error. Masks secrets in it, because the other thread knows none. */
export function restoreError(flat: FlatError): Error {
  const { code, message, hint, facts, stack } = flat
  const error =
    code === undefined ? new Error(maskedText(message)) : new CrosstrailError(code, message, { hint, facts })
  if (stack !== undefined) error.stack = maskedText(stack)
  return error
}

export function flattenOutcome(outcome: Outcome): FlatOutcome {
  const { status } = outcome
  switch (status) {
    case 'done':
      return { status, bytes: outcome.bytes, detail: outcome.detail, found: outcome.found }
    case 'skipped':
      return { status, reason: outcome.reason, detail: outcome.detail }
    case 'failed':
      return { status, error: flattenError(outcome.error) }
  }
}

export function restoreOutcome(flat: FlatOutcome, account: string, object: LogObject): Outcome {
  const { status } = flat
  switch (status) {
    case 'done':
      return { status, account, object, bytes: flat.bytes, detail: flat.detail, found: flat.found }
    case 'skipped':
      return { status, account, object, reason: flat.reason, detail: flat.detail }
    case 'failed':
      return { status, account, object, error: restoreError(flat.error) as CrosstrailError }
  }
}
