import type { Layout } from './local-path.ts'

/** How logs become files. Plain data. */
export interface FileForm {
  /** How files are arranged below the folder. Default: by key. */
  readonly layout: Layout
  readonly decompress: boolean
  /** Also download files that are present. */
  readonly overwrite: boolean
  /** Write nothing, not even the folder. Objects that would be downloaded are skipped as `dry-run`. */
  readonly dryRun: boolean
  /** With `decompress`, a log that is larger than this unzipped fails. Default: 1 GiB. */
  readonly maxInflatedBytes: number
}

export type InflateLimit = Pick<FileForm, 'maxInflatedBytes'>
