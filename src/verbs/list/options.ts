import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'

/** The options of `list`. */
export interface ListOptions {
  /** Default: all logs of all accounts. */
  readonly selection: Selection
  /** Whether to run one listing after the other, in key order. */
  readonly sorted: boolean
  /** Maximum number of objects. */
  readonly maxObjects?: number | undefined
  /** Called before each object. While it returns a promise, the run waits for it, because the reader is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export const listDefaults = {
  selection: everything,
  sorted: false,
} satisfies Partial<ListOptions>

export const listRights: Rights = { allow: ['list'], needs: ['list'] }

export const bucketsRights: Rights = { allow: ['list'], needs: ['listBuckets'] }
