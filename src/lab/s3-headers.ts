import type { Bucket } from './stored-bucket.ts'
import type { PutOptions, StoredObject } from './stored-object.ts'
import { element } from './write-xml.ts'

/** Returns the headers for the version and encryption of a written object. */
export function writtenHeaders(bucket: Bucket, stored: Pick<StoredObject, 'versionId' | 'kmsKeyArn'>): Headers {
  const version = bucket.versioning === 'Off' ? {} : { 'x-amz-version-id': stored.versionId }
  return { ...version, ...encryptionHeaders(stored) }
}

export function encryptionHeaders({ kmsKeyArn }: Pick<PutOptions, 'kmsKeyArn'>): Headers {
  if (kmsKeyArn === undefined) return { 'x-amz-server-side-encryption': 'AES256' }
  return {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyArn,
  }
}

export function checksumHeaders(checksums: Readonly<Record<string, string>>): Headers {
  return Object.fromEntries(Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]))
}

/** Returns `<ChecksumCRC32>` and similar elements. */
export function checksumElements(checksums: Readonly<Record<string, string>>): string {
  return Object.entries(checksums)
    .map(([name, value]) => element(`Checksum${name.toUpperCase()}`, value))
    .join('')
}

type Headers = Record<string, string>
