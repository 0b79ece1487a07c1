import { defaultMaxInflatedBytes } from '../../disk/inflate-limit.ts'
import type { Layout } from '../../disk/local-path.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'

export interface DownloadOptions {
  readonly selection: Selection
  /** The folder. Made if it is missing. */
  readonly to: string
  readonly layout: Layout
  /** Store JSON instead of gzip. */
  readonly decompress: boolean
  readonly overwrite: boolean
  readonly dryRun: boolean
  readonly maxObjects?: number | undefined
  readonly maxBytes?: number | undefined
  readonly maxInflatedBytes: number
  /** To be awaited between pages if it is a promise: the reader of the results is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export const downloadDefaults = {
  selection: everything,
  layout: 'key',
  decompress: false,
  overwrite: false,
  dryRun: false,
  maxInflatedBytes: defaultMaxInflatedBytes,
} satisfies Partial<DownloadOptions>

/** To read logs. */
export const downloadRights: Rights = { allow: ['download'], needs: ['list', 'read', 'decrypt'] }
