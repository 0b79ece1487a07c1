/** How an object gets from one bucket to the other. */
export type CopyMode = 'server-side' | 'server-side-parts' | 'streamed' | 'streamed-parts'

export interface CopyLimits {
  /** The most for one server-side copy. */
  readonly maxCopyBytes: number
  /** The most for a body that is held in memory. */
  readonly maxHeldBytes: number
}

/**
 * Decides how an object is copied. If one set of credentials may read and write, S3 moves the bytes. With two this is not possible, because
 * a call is signed by one.
 *
 * | another account writes | size | mode | calls |
 * | --- | --- | --- | --- |
 * | no | up to 5 GB | `server-side` | CopyObject |
 * | no | above | `server-side-parts` | UploadPartCopy for each part |
 * | yes | up to 8 MiB | `streamed` | GetObject, PutObject |
 * | yes | above | `streamed-parts` | GetObject of a range and UploadPart for each part |
 *
 * 5 GB means 5 × 1024³ bytes: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function copyMode(sizeBytes: number, anotherWrites: boolean, limits: CopyLimits): CopyMode {
  if (anotherWrites) return sizeBytes <= limits.maxHeldBytes ? 'streamed' : 'streamed-parts'
  return sizeBytes <= limits.maxCopyBytes ? 'server-side' : 'server-side-parts'
}

/** The most that one CopyObject copies. */
export const maxServerSideBytes = 5 * 1024 ** 3
