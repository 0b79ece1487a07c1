import type { StorageOptions } from '../../s3/copy-target.ts'
import type { Thaw } from '../../sinks/bucket/sides.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'

/** Where copies go, and who writes them there. */
export interface CopyGoal {
  /** `s3://bucket/prefix`. */
  readonly to: string
  /** Whose the target bucket must be. Default: of the account whose role writes there, else the trail's owner. */
  readonly toOwner?: AccountId | undefined
  /** Where the target bucket is. Default: where the trail's is. */
  readonly toRegion?: string | undefined
  /** The label of the account that writes, if it is not the one that reads. */
  readonly toAccount?: string | undefined
  /** Storage class, encryption, tags and ACL of the copies. Default: what the bucket decides. */
  readonly storage: StorageOptions
}

/** What is copied, where it goes, and what counts as copied already. */
export interface CopyOptions extends CopyGoal {
  /** Default: all logs of all accounts. */
  readonly selection: Selection
  /** Never trust that two objects are the same for their size alone. */
  readonly verify: boolean
  /** Replace what differs. What is there and right is left alone. */
  readonly overwrite: boolean
  /** Copy nothing: what would be copied is skipped as `dry-run`. */
  readonly dryRun: boolean
  /** At most so many objects. */
  readonly maxObjects?: number | undefined
  /** At most so many bytes. */
  readonly maxBytes?: number | undefined
  /** Asks for archived objects to be made readable. */
  readonly thaw?: Thaw | undefined
  /** The folder of the journal. Default: the user's state folder, `$XDG_STATE_HOME/crosstrail`, else `~/.local/state/crosstrail`. */
  readonly journalDir?: string | undefined
  /** Asked before each object. The run waits for the promise that it gives, until it gives none: the reader is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export const copyDefaults = {
  selection: everything,
  storage: {},
  verify: false,
  overwrite: false,
  dryRun: false,
} satisfies Partial<CopyOptions>

interface CopyRightsAsked {
  /** Archived objects are asked for. */
  readonly thaw?: boolean | undefined
  /** Where the same session writes. Without it, it writes nowhere. */
  readonly target?: Rights['target']
}

export function copyRights({ thaw = false, target }: CopyRightsAsked): Rights {
  const needs = [...reading, ...(thaw ? (['thaw'] as const) : []), ...(target === undefined ? [] : storing)]
  return { allow: ['copy'], needs, target }
}

/** To write copies that another session reads. */
export function storeRights(target: Rights['target']): Rights {
  return { allow: ['copy'], needs: storing, target }
}

const reading = ['list', 'read', 'decrypt', 'readTags'] as const
const storing = ['listCopies', 'readCopies', 'store', 'storeAcl', 'encryptCopies'] as const
