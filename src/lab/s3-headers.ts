import type { Bucket } from './stored-bucket.ts'
import type { PutOptions, StoredObject } from './stored-object.ts'
import { element } from './write-xml.ts'

/** The version and the encryption of what was written. */
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

/** `<ChecksumCRC32>` and its like. */
export function checksumElements(checksums: Readonly<Record<string, string>>): string {
  return Object.entries(checksums)
    .map(([name, value]) => element(`Checksum${name.toUpperCase()}`, value))
    .join('')
}

type Headers = Record<string, string>
