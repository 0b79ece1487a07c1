import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'

export interface ListOptions {
  readonly selection: Selection
  /** One listing after the other, in key order. */
  readonly sorted: boolean
  readonly maxObjects?: number | undefined
  /** To be awaited between pages if it is a promise: the reader of the results is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export const listDefaults = {
  selection: everything,
  sorted: false,
} satisfies Partial<ListOptions>

export const listRights: Rights = { allow: ['list'], needs: ['list'] }

/** To see the buckets that a role can see. */
export const bucketsRights: Rights = { allow: ['list'], needs: ['listBuckets'] }
