import { CrosstrailError } from '../../error.ts'
import { logsBase } from '../../trail/key-prefix.ts'
import type { TrailLayout } from '../../trail/trail.ts'

/** Where copies go. `prefix` is put before each key; it is empty or ends with a slash. */
export interface CopyDestination {
  readonly bucket: string
  readonly prefix: string
}

/** Parses `s3://bucket/prefix`; returns undefined if it is not valid. The prefix is a folder, with or without a slash at its end. */
export function parseDestination(text: string): CopyDestination | undefined {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(text) ?? []
  if (bucket === undefined || unsafePrefix.test(prefix)) return undefined
  if (!prefix.isWellFormed() || Buffer.byteLength(prefix) > longestKeyBytes) return undefined
  return { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` }
}

/** Control characters, empty segments, `.` and `..`: S3 accepts them, but software in between may not. */
const unsafePrefix = /[\u0000-\u001f\u007f]|^\/|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const longestKeyBytes = 1024

/** Does the same, but throws `usage.invalid-value`. */
export function demandDestination(text: string): CopyDestination {
  const destination = parseDestination(text)
  if (destination !== undefined) return destination
  throw new CrosstrailError('usage.invalid-value', `${JSON.stringify(text)} is not a valid destination`, {
    hint: 'write it as s3://bucket or s3://bucket/prefix, without empty folders or control characters',
    facts: { value: text },
  })
}

export function formatDestination({ bucket, prefix }: CopyDestination): string {
  return `s3://${bucket}/${prefix}`
}

/**
 * Throws `usage.copy-onto-itself` if copies would be stored among the trail's own keys: on the logs themselves, or below the `AWSLogs/`
 * that CloudTrail delivers to, where they would be listed as logs again.
 */
export function refuseCopyOntoItself(trail: TrailLayout & { readonly bucket: string }, to: CopyDestination): void {
  const ownTree = logsBase({ prefix: trail.prefix })
  if (to.bucket !== trail.bucket || !`${to.prefix}${logsBase(trail)}`.startsWith(ownTree)) return
  const message = `${formatDestination(to)} would put the copies among the trail's own keys, below ${ownTree}`
  throw new CrosstrailError('usage.copy-onto-itself', message, {
    hint: 'copy to another bucket, or below a prefix of its own, for example s3://bucket/archive',
    facts: { bucket: to.bucket, prefix: to.prefix },
  })
}

/** Throws `usage.copy-onto-itself` if the files of a dataset would be stored among the trail's own keys. */
export function refuseDatasetAmongLogs(trail: TrailLayout & { readonly bucket: string }, to: CopyDestination): void {
  const ownTree = logsBase({ prefix: trail.prefix })
  if (to.bucket !== trail.bucket || !to.prefix.startsWith(ownTree)) return
  const message = `${formatDestination(to)} would put the dataset among the trail's own keys, below ${ownTree}`
  throw new CrosstrailError('usage.copy-onto-itself', message, {
    hint: 'write to another bucket, or below a prefix of its own, for example s3://bucket/events',
    facts: { bucket: to.bucket, prefix: to.prefix },
  })
}
