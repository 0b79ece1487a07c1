import { maskedForeignText, maskedText, maskedValues } from './secrets/masked-text.ts'

/**
 * The codes of every error crosstrail knows. Branch on these, never on messages.
 * The part before the dot is the family; `cli/exit-code.ts` maps families and codes to exit codes.
 */
export type ErrorCode =
  | `usage.${string}`
  | `config.${string}`
  | `access.${string}`
  | `bucket.${string}`
  | `object.${string}`
  | `network.${string}`
  | `disk.${string}`
  | `lab.${string}`
  | `coverage.${string}`
  | `lock.${string}`
  | 'interrupted'

export interface ErrorDetails {
  /** What to do about it, as a sentence without a period. */
  hint?: string | undefined
  /** Facts for `--output json` and tests. */
  facts?: Readonly<Record<string, string | number | boolean | undefined>>
  cause?: unknown
}

/**
 * An error crosstrail can explain. The message is lowercase, without a period and shows the wrong value. The secrets that are in use
 * are masked in its message, hint and facts and in the message of its cause, for servers repeat what they were sent.
 */
export class CrosstrailError extends Error {
  override readonly name = 'CrosstrailError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly facts: Readonly<Record<string, string | number | boolean | undefined>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(maskedText(message), details.cause === undefined ? undefined : { cause: maskedCause(details.cause) })
    this.code = code
    this.hint = details.hint === undefined ? undefined : maskedText(details.hint)
    this.facts = maskedValues(details.facts ?? {})
  }
}

/** The cause as it is, or a plain error in its place where its message holds a secret. */
function maskedCause(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof CrosstrailError) return cause
  const message = maskedForeignText(cause.message)
  if (message === cause.message) return cause
  return Object.assign(new Error(message), { name: cause.name })
}
