import type { DeleteItem } from '../../s3/delete-answers.ts'
import type { Trail } from '../../trail/trail.ts'
import type { Selection } from '../../work/selection.ts'
import type { KeptReason, PlanFacts } from './plan-facts.ts'

/** How objects are deleted, and which. */
export interface DeleteOptions {
  /** All versions and markers of a key, instead of a marker on top. */
  readonly versions: boolean
  readonly bypassGovernance: boolean
  /** Only what has its twin there. */
  readonly archivedIn?: { readonly bucket: string; readonly prefix: string; readonly owner: string } | undefined
  readonly archivedDir?: string | undefined
}

/** The first line of a plan. Holds no secret. */
export interface PlanHead {
  readonly plan: 'crosstrail delete'
  readonly version: 1
  readonly run: string
  /** ISO 8601. */
  readonly created: string
  readonly trail: Trail
  readonly accounts: readonly string[]
  readonly selection: Selection
  readonly options: DeleteOptions
}

export interface PlanLine extends DeleteItem {
  readonly account: string
  readonly etag: string
  /** A version `null` that is the current one: its ETag is a condition, since another object may take its place and its name. */
  readonly current?: true | undefined
  readonly sizeBytes: number
  /** ISO 8601. */
  readonly lastModified: string
}

/** An object of the window that stays. */
export interface KeptLine {
  readonly kept: KeptReason
  readonly account: string
  readonly key: string
}

/** The last line: what the plan comes to, and the SHA-256 over all bytes before it and these facts, hexadecimal. */
export interface PlanTail extends PlanFacts {
  readonly sha256: string
}

/** A plan whose hash was checked. */
export interface DeletePlan {
  readonly file: string
  readonly sha256: string
  readonly head: PlanHead
  readonly facts: PlanFacts
}

/** What of the last line the hash covers. */
export function tailText(facts: PlanFacts): string {
  const { planned, remaining, kept, groups, brokenChains } = facts
  return JSON.stringify({ planned, remaining, kept, groups, brokenChains })
}
