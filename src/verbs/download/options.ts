import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import type { FileForm } from '../../disk/file-form.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'
import { type VerifyOptions, type VerifyTakenOptions, verifyTakenDefaults } from '../verify/options.ts'
import type { VerifyReport } from '../verify/report.ts'
import type { RunReport } from '../../work/run-event.ts'

/** The options of `download`. */
export interface DownloadOptions extends FileForm, VerifyTakenOptions, Pick<VerifyOptions, 'saveKeys'> {
  /** Default: all logs of all accounts. */
  readonly selection: Selection
  /** A folder on this machine. It is created if it is missing. */
  readonly to: string
  /** Maximum number of objects. */
  readonly maxObjects?: number | undefined
  /** Maximum number of bytes. */
  readonly maxBytes?: number | undefined
  /** Called before each object. While it returns a promise, the run waits for it, because the reader is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export const downloadDefaults = {
  selection: everything,
  layout: 'key',
  decompress: false,
  overwrite: false,
  dryRun: false,
  maxInflatedBytes: defaultMaxInflatedBytes,
  ...verifyTakenDefaults,
} satisfies Partial<DownloadOptions>

export interface DownloadReport extends RunReport {
  /** Set if the logs were verified. Without it, a run with `verify` was interrupted or ended by an error before that. */
  readonly verified?: VerifyReport | undefined
}

export const downloadRights: Rights = { allow: ['download'], needs: ['list', 'read', 'decrypt'] }
