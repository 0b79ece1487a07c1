import type { StorageOptions } from '../../s3/copy-target.ts'
import type { Thaw } from '../../sinks/bucket/sides.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { Rights } from '../rights.ts'
import type { ProofReport } from '../verify/report.ts'
import { verifiedDefaults, type VerifiedOptions } from '../verify/options.ts'

export interface CopyGoal {
  /** `s3://bucket/prefix`. */
  readonly to: string
  /** The account that must own the target bucket. Default: the account of the role of `toAccount`, or else the trail's owner. */
  readonly toOwner?: AccountId | undefined
  /** The region of the target bucket. Default: the trail's region. */
  readonly toRegion?: string | undefined
  /** The label of the account that writes, if another account reads. */
  readonly toAccount?: string | undefined
  /** Storage class, encryption, tags and ACL of the copies. Default: what the bucket decides. */
  readonly storage: StorageOptions
}

/** The options of `copy`. */
export interface CopyOptions extends CopyGoal, VerifiedOptions {
  /** Default: all logs of all accounts. */
  readonly selection: Selection
  /** Whether to compare contents: an equal size alone is then not enough to count two objects as identical. */
  readonly verify: boolean
  /** Whether to replace copies that differ. Copies that are present and correct are not touched. */
  readonly overwrite: boolean
  /** Whether to copy nothing and skip what would be copied as `dry-run`. */
  readonly dryRun: boolean
  /** Maximum number of objects. */
  readonly maxObjects?: number | undefined
  /** Maximum number of bytes. */
  readonly maxBytes?: number | undefined
  /** Requests that archived objects are restored. */
  readonly thaw?: Thaw | undefined
  /** The folder of the journal. Default: the user's state folder, `$XDG_STATE_HOME/crosstrail` or `~/.local/state/crosstrail`. */
  readonly journalDir?: string | undefined
  /** Called before each object. While it returns a promise, the run waits for it, because the reader is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export interface CopyReport extends RunReport {
  /** What was proven, and what was not. Set with `verified`. */
  readonly proof?: ProofReport | undefined
}

export const copyDefaults = {
  ...verifiedDefaults,
  selection: everything,
  storage: {},
  verify: false,
  overwrite: false,
  dryRun: false,
} satisfies Partial<CopyOptions>

interface CopyRightsAsked {
  readonly thaw?: boolean | undefined
  /** Where the same session writes. If missing, it does not write. */
  readonly target?: Rights['target']
}

export function copyRights({ thaw = false, target }: CopyRightsAsked): Rights {
  const needs = [...reading, ...(thaw ? (['thaw'] as const) : []), ...(target === undefined ? [] : storing)]
  return { allow: ['copy'], needs, target }
}

/** Returns the rights of a session that writes copies while another one reads. */
export function storeRights(target: Rights['target']): Rights {
  return { allow: ['copy'], needs: storing, target }
}

const reading = ['list', 'read', 'decrypt', 'readTags'] as const
const storing = ['listCopies', 'readCopies', 'store', 'storeAcl', 'encryptCopies'] as const
