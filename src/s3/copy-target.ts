import { hash } from 'node:crypto'
import { CrosstrailError } from '../error.ts'
import type { AccountId } from '../trail/account-id.ts'
import type { ListedObject } from '../trail/log-object.ts'
import { Calls, type CallsOptions } from './calls.ts'
import { collect } from './collect.ts'
import { type HttpAnswer, header } from './http.ts'
import { md5 } from './md5.ts'
import { isErrorDocument } from './service-error.ts'
import { encodeComponent, encodeKey } from './uri.ts'
import { elementText } from './xml.ts'

/** How copies are stored. For an option that is not given, the bucket decides. Metadata is always kept. */
export interface StorageOptions {
  readonly storageClass?: string | undefined
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly encryption?: string | undefined
  readonly kmsKey?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** A canned ACL: `bucket-owner-full-control`. */
  readonly acl?: string | undefined
}

export interface CopySource {
  readonly bucket: string
  readonly owner: AccountId
  readonly object: Pick<ListedObject, 'key' | 'etag'>
}

export interface StoredCopy {
  /** Without quotes; undefined if the answer has none. */
  readonly etag: string | undefined
  readonly versionId: string | undefined
  /** `AES256`, `aws:kms` …; undefined if the answer does not say. */
  readonly encryption?: string | undefined
}

/** The headers that belong to an object and are copied with it: `content-type`, `x-amz-meta-…`. Names are in lower case. */
export type ObjectHeaders = Readonly<Record<string, string>>

const keptHeaders = new Set([
  'content-type',
  'content-encoding',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
])

/** Returns the headers of an answer that belong to the object. */
export function objectHeaders(headers: HttpAnswer['headers']): ObjectHeaders {
  return Object.fromEntries(
    Object.keys(headers)
      .filter((name) => keptHeaders.has(name) || name.startsWith('x-amz-meta-'))
      .map((name) => [name, header(headers, name) ?? '']),
  )
}

/** Writes copies to a bucket through one account's session. */
export class CopyTarget {
  readonly #calls: Calls
  readonly #headers: Readonly<Record<string, string>>

  constructor(options: CallsOptions, storage: StorageOptions) {
    this.#calls = new Calls(options)
    this.#headers = storageHeaders(storage)
  }

  /**
   * Copies an object of up to 5 GB with its metadata, on the server's side, if it is still the listed object.
   * Throws CrosstrailError: `object.changed`, `object.gone`, `object.archived`, `access.copy-denied`, `access.kms-denied`, `network.…`.
   */
  copy({ bucket, owner, object }: CopySource, targetKey: string, signal?: AbortSignal): Promise<StoredCopy> {
    const headers = {
      ...this.#headers,
      'x-amz-copy-source': `${encodeComponent(bucket)}/${encodeKey(object.key)}`,
      ...(object.etag !== '' && { 'x-amz-copy-source-if-match': `"${object.etag}"` }),
      'x-amz-source-expected-bucket-owner': owner,
      'x-amz-metadata-directive': 'COPY',
      ...('x-amz-tagging' in this.#headers && { 'x-amz-tagging-directive': 'REPLACE' }),
    }
    return this.#put('CopyObject', targetKey, headers, undefined, signal)
  }

  /** Stores a body from memory. S3 checks it against `bodySum` and its signature. Throws `access.put-denied`, `network.…`. */
  put(targetKey: string, body: Uint8Array, own: ObjectHeaders, signal?: AbortSignal): Promise<StoredCopy> {
    const headers = { ...own, ...this.#headers, ...bodySum(body) }
    return this.#put('PutObject', targetKey, headers, body, signal)
  }

  /**
   * Does the same if there is no object under the key. Throws `object.changed` if there is one. That may be this body, if an earlier attempt
   * stored it and its answer was lost.
   */
  putNew(targetKey: string, body: Uint8Array, own: ObjectHeaders, signal?: AbortSignal): Promise<StoredCopy> {
    return this.put(targetKey, body, { ...own, 'if-none-match': '*' }, signal)
  }

  #put(
    operation: 'CopyObject' | 'PutObject',
    targetKey: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<StoredCopy> {
    const call = { method: 'PUT', path: `/${encodeKey(targetKey)}`, query: '', headers, body } as const
    return this.#calls.send(operation, targetKey, signal, async (attempt) => {
      const answer = await collect(this.#calls.http, attempt.signed(call))
      const xml = answer.body.toString('utf8')
      const foreign = attempt.foreign(answer)
      if (foreign !== undefined) throw foreign
      // S3 answers a long copy with 200 first, and the copy may fail after that.
      if (answer.status !== 200 || isErrorDocument(xml)) throw attempt.fault(answer)
      if (operation === 'CopyObject' && !xml.includes('</CopyObjectResult>')) throw unfinished(targetKey)
      const etag = header(answer.headers, 'etag') ?? elementText(xml, 'ETag')
      return {
        etag: etag?.replaceAll('"', ''),
        versionId: header(answer.headers, 'x-amz-version-id'),
        encryption: header(answer.headers, 'x-amz-server-side-encryption'),
      }
    })
  }
}

/** Returns the checksum that S3 compares with the body. A bucket with Object Lock rejects a body without one. */
function bodySum(body: Uint8Array): Record<string, string> {
  const sum = md5(body)
  if (sum !== undefined) return { 'content-md5': sum.toString('base64') }
  return { 'x-amz-checksum-sha256': hash('sha256', body, 'base64') }
}

/** Returns the headers that say how an object is stored. */
export function storageHeaders({
  storageClass,
  encryption,
  kmsKey,
  tags,
  acl,
}: StorageOptions): Record<string, string> {
  return {
    ...(storageClass !== undefined && { 'x-amz-storage-class': storageClass }),
    ...(encryption !== undefined && { 'x-amz-server-side-encryption': encryption }),
    ...(kmsKey !== undefined && { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKey }),
    ...(tags !== undefined && { 'x-amz-tagging': tagging(tags) }),
    ...(acl !== undefined && { 'x-amz-acl': acl }),
  }
}

function tagging(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encodeComponent(name)}=${encodeComponent(value)}`)
    .join('&')
}

function unfinished(targetKey: string): CrosstrailError {
  return new CrosstrailError(
    'bucket.malformed-answer',
    `the answer to the copy to ${targetKey} is not a CopyObjectResult`,
  )
}
