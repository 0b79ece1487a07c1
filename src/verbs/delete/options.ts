import { CrosstrailError } from '../../error.ts'
import type { AccountId } from '../../trail/account-id.ts'
import type { Shard } from '../../trail/shard.ts'
import { everything, type Selection } from '../../work/selection.ts'
import { downloadRights } from '../download/options.ts'
import type { Rights } from '../rights.ts'
import { verifiedDefaults, type VerifiedOptions, withVerification } from '../verify/options.ts'
import type { DeletePlan } from './plan-lines.ts'

/** Limits that keep a deletion small. A caller must set an option to exceed one. */
export interface SafetyLimits {
  /** The most deletions that a plan may have. */
  readonly maxDelete: number
  /** Allows logs that are younger than 90 days. */
  readonly allowRecent: boolean
  /** Allows a plan that deletes everything that was listed. */
  readonly allowWholeTrail: boolean
  /** Allows newer digests to go while older ones stay. */
  readonly breakChain: boolean
}

export const safetyDefaults: SafetyLimits = {
  maxDelete: 100_000,
  allowRecent: false,
  allowWholeTrail: false,
  breakChain: false,
}

/** What is deleted, and how. */
export interface PlanDeleteOptions extends SafetyLimits, VerifiedOptions {
  /** Its window is required. Without kinds: all kinds but digests. */
  readonly selection: Selection
  /** Delete all versions and markers of each key, for good, instead of adding a delete marker. */
  readonly versions: boolean
  /** With `versions`: also delete versions that are locked in governance mode. */
  readonly bypassGovernance: boolean
  /** Only objects that have an identical copy below this `s3://bucket/prefix`. */
  readonly archivedIn?: string | undefined
  /** The account that must own that bucket. Default: the trail's owner. */
  readonly archivedOwner?: AccountId | undefined
  /** Only objects that have an identical copy in this folder, which `download` wrote. */
  readonly archivedDir?: string | undefined
  /** The file of the plan. Default: `plan-<run>.ndjson` beside the journals. */
  readonly planFile?: string | undefined
  /** False: leave no file. Such a plan can be shown, but not carried out. */
  readonly keep: boolean
  /** The folder of journals. Default: the user's state folder, `$XDG_STATE_HOME/crosstrail`, else `~/.local/state/crosstrail`. */
  readonly journalDir?: string | undefined
}

export const planDeleteDefaults = {
  ...safetyDefaults,
  ...verifiedDefaults,
  selection: everything,
  versions: false,
  bypassGovernance: false,
  keep: true,
} satisfies Partial<PlanDeleteOptions>

export interface ReadPlanOptions {
  /** A file, a FIFO or `/dev/stdin`. It is read once. */
  readonly file: string
  /** The folder of journals, which holds the copy of the file, too. */
  readonly journalDir?: string | undefined
}

export interface CheckPlanOptions extends SafetyLimits {
  /** From `planDelete` or `readPlan`. */
  readonly plan: DeletePlan
}

export interface DeleteOptions extends CheckPlanOptions {
  /** Carry out only this part of the plan. Other machines carry out the others. */
  readonly shard?: Shard | undefined
  /** The folder of the journal. Default: as for `planDelete`. */
  readonly journalDir?: string | undefined
}

/** Throws `usage.missing-option` without a window, and `usage.conflict` for options that exclude each other. */
export function refuseContradictions({
  selection: { window },
  versions,
  bypassGovernance,
  archivedIn,
  archivedDir,
  verified,
}: Pick<
  PlanDeleteOptions,
  'selection' | 'versions' | 'bypassGovernance' | 'archivedIn' | 'archivedDir' | 'verified'
>): void {
  if (window.fromMs === undefined && window.toMs === undefined) {
    throw new CrosstrailError('usage.missing-option', 'delete needs the age or the window of the logs to delete', {
      hint: 'give --older-than 400d, or a window of delivery times with --from and --until',
      facts: { option: '--older-than' },
    })
  }
  if (archivedIn !== undefined && archivedDir !== undefined) {
    throw new CrosstrailError('usage.conflict', '--archived-in and --archived-dir do not go together')
  }
  if (versions && (archivedIn ?? archivedDir) !== undefined) {
    const message = '--versions does not go together with --archived-in or --archived-dir'
    throw new CrosstrailError('usage.conflict', message, {
      hint: 'an archive has the current version of a key, and --versions deletes the others too',
    })
  }
  if (versions && verified) {
    throw new CrosstrailError('usage.conflict', '--versions does not go together with --verified', {
      hint: 'only the current version of a key is verified, and --versions deletes the others too',
    })
  }
  if (bypassGovernance && !versions) {
    throw new CrosstrailError('usage.conflict', '--bypass-governance needs --versions', {
      hint: 'locks apply to versions; a delete without --versions adds a marker and needs no bypass',
    })
  }
}

interface DeleteRightsAsked {
  /** Versions are removed, and locked ones explained. */
  readonly versions: boolean
  readonly bypassGovernance: boolean
  /** The archive that holds copies of what is deleted. */
  readonly target?: Rights['target']
}

export function deleteRights({ versions, bypassGovernance, target }: DeleteRightsAsked): Rights {
  const needs: Rights['needs'] = [
    ...downloadRights.needs,
    'delete',
    ...(versions ? (['deleteVersions', 'readLocks'] as const) : []),
    ...(versions && bypassGovernance ? (['bypassGovernance'] as const) : []),
    ...(versions ? (['listVersions'] as const) : []),
    'readProtection',
    ...(target === undefined ? [] : (['listCopies', 'readCopies'] as const)),
  ]
  return { allow: ['delete'], needs, target: target && { bucket: target.bucket, prefix: target.prefix } }
}

/** The same rights as for planning, so that a delete can use the sessions of its plan. */
export function plannedRights({ plan }: CheckPlanOptions): Rights {
  const { archivedIn, verified, ...options } = plan.head.options
  return withVerification(deleteRights({ ...options, target: archivedIn }), verified?.keysFrom)
}
