import type { Layout } from './local-path.ts'

/** How logs become files. Plain data. */
export interface FileForm {
  /** How files are arranged below the folder. Default: as the keys are. */
  readonly layout: Layout
  /** Store JSON instead of gzip, without `.gz`. */
  readonly decompress: boolean
  /** Download what is there already too. */
  readonly overwrite: boolean
  /** Write nothing, not even the folder: what would be taken is skipped as `dry-run`. */
  readonly dryRun: boolean
  /** A log that is larger unzipped fails, if it is unzipped. Default: 1 GiB. */
  readonly maxInflatedBytes: number
}

export type InflateLimit = Pick<FileForm, 'maxInflatedBytes'>
