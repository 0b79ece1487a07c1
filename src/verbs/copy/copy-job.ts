import type { BucketOptions } from '../../sinks/bucket/bucket-sink.ts'

/** What to do with the objects of slices. Plain data. */
export interface CopyJob {
  readonly verb: 'copy'
  readonly bucket: BucketOptions
}
