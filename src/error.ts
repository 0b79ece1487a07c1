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
  /** Facts for `--output json` and tests: never a secret. */
  facts?: Readonly<Record<string, string | number | boolean | undefined>>
  cause?: unknown
}

/**
 * An error crosstrail can explain. The message is lowercase, without a period, shows the wrong value and holds no secret.
 */
export class CrosstrailError extends Error {
  override readonly name = 'CrosstrailError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly facts: Readonly<Record<string, string | number | boolean | undefined>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.facts = details.facts ?? {}
  }
}
