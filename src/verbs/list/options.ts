import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'

/** What is listed, and in which order. */
export interface ListOptions {
  /** Default: all logs of all accounts. */
  readonly selection: Selection
  /** One listing after the other, in key order. */
  readonly sorted: boolean
  /** At most so many objects. */
  readonly maxObjects?: number | undefined
  /** Asked before each object. The run waits for the promise that it gives, until it gives none: the reader is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export const listDefaults = {
  selection: everything,
  sorted: false,
} satisfies Partial<ListOptions>

export const listRights: Rights = { allow: ['list'], needs: ['list'] }

export const bucketsRights: Rights = { allow: ['list'], needs: ['listBuckets'] }
