import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import type { FileForm } from '../../disk/file-form.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'

/** What is downloaded, and how it is stored. */
export interface DownloadOptions extends FileForm {
  /** Default: all logs of all accounts. */
  readonly selection: Selection
  /** A folder of this machine. It is made if it is missing. */
  readonly to: string
  /** At most so many objects. */
  readonly maxObjects?: number | undefined
  /** At most so many bytes. */
  readonly maxBytes?: number | undefined
  /** Asked before each object. The run waits for the promise that it gives, until it gives none: the reader is slower than the run. */
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
