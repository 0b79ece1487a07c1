import type { DeleteItem } from '../../s3/delete-answers.ts'
import type { Trail } from '../../trail/trail.ts'
import type { Selection } from '../../work/selection.ts'
import type { Refused } from '../verify/take-verified.ts'
import type { KeysFrom } from '../verify/options.ts'
import type { KeptReason, PlanFacts } from './plan-facts.ts'
import type { SourceCopy } from './source-copy.ts'

/** How objects are deleted, and which. */
export interface PlannedOptions {
  /** All versions and markers of each key, instead of adding a delete marker. */
  readonly versions: boolean
  readonly bypassGovernance: boolean
  /** Only objects that have an identical copy there. */
  readonly archivedIn?: { readonly bucket: string; readonly prefix: string; readonly owner: string } | undefined
  readonly archivedDir?: string | undefined
  /** Only objects that were verified, with public keys of CloudTrail from a file or from CloudTrail itself. */
  readonly verified?: { readonly keysFrom: KeysFrom } | undefined
}

/** The first line of a plan. It holds no secret. */
export interface PlanHead {
  readonly plan: 'crosstrail delete'
  readonly version: 1
  readonly run: string
  /** ISO 8601. */
  readonly created: string
  readonly trail: Trail
  readonly accounts: readonly string[]
  readonly selection: Selection
  readonly options: PlannedOptions
}

export interface PlanLine extends DeleteItem {
  readonly account: string
  readonly etag: string
  /** The current version, if its id is `null`. Its ETag is a condition, because another object can take its place and its id. */
  readonly current?: true | undefined
  readonly sizeBytes: number
  /** ISO 8601. */
  readonly lastModified: string
}

/** An object in the window that stays. */
export interface KeptLine {
  readonly kept: KeptReason
  /** Why it is not verified. */
  readonly state?: Refused | undefined
  readonly account: string
  readonly key: string
}

/** The last line: the totals of the plan, and the hexadecimal SHA-256 of all bytes before it and of these totals. */
export interface PlanTail extends PlanFacts {
  readonly sha256: string
}

/** A plan whose hash was checked. */
export interface DeletePlan {
  readonly file: string
  readonly sha256: string
  readonly head: PlanHead
  readonly facts: PlanFacts
  /** What was read of the file. Undefined for a plan that was just made: a delete then reads the file, and compares its hash. */
  readonly copy?: SourceCopy | undefined
}

/** The part of the last line that the hash covers. */
export function tailText(facts: PlanFacts): string {
  const { planned, remaining, kept, groups, brokenChains, keys } = facts
  return JSON.stringify({ planned, remaining, kept, groups, brokenChains, keys })
}
