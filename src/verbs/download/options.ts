import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import type { Layout } from '../../disk/local-path.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'

/** What is downloaded, and how it is stored. */
export interface DownloadOptions {
  /** Default: all logs of all accounts. */
  readonly selection: Selection
  /** A folder of this machine. It is made if it is missing. */
  readonly to: string
  /** How files are arranged below the folder. Default: as the keys are. */
  readonly layout: Layout
  /** Store JSON instead of gzip. */
  readonly decompress: boolean
  /** Download what is there already too. */
  readonly overwrite: boolean
  /** Download nothing: what would be taken is skipped as `dry-run`. */
  readonly dryRun: boolean
  /** At most so many objects. */
  readonly maxObjects?: number | undefined
  /** At most so many bytes. */
  readonly maxBytes?: number | undefined
  /** With `decompress`: a log that is larger unzipped fails. Default: 1 GiB. */
  readonly maxInflatedBytes: number
  /** Asked before each page. The run waits for the promise that it gives, until it gives none: the reader is slower than the run. */
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

export const downloadRights: Rights = { allow: ['download'], needs: ['list', 'read', 'decrypt'] }
