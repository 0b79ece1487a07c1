import { createReadStream, readFileSync, rmSync, statSync } from 'node:fs'
import { diskError, onDisk } from '../../disk/disk-error.ts'
import { type ChecksumAlgorithm, createChecksum } from '../../disk/checksum.ts'
import { hasCode } from '../../error.ts'
import { mostParts } from '../../s3/parts-target.ts'
import type { ListedObject } from '../../trail/log-object.ts'
import { maxHeldBytes } from '../../work/object-taker.ts'
import { digestingBody } from '../bucket/digesting-body.ts'
import type { TargetSide } from '../bucket/sides.ts'
import type { DatasetPlace, Published } from './dataset-place.ts'
import { FetchedFiles } from './fetched-files.ts'

export interface BucketPlaceOptions {
  /** Returns the bucket through the session that writes. Called when it is first needed. */
  readonly openSide: () => Promise<TargetSide>
  /** Put before the partition. Empty, or ends with a slash. */
  readonly prefix: string
  /** An existing private folder for copies of the dataset's files. Whoever made it removes it. */
  readonly folder: string
  readonly signal: AbortSignal
  /** How many bytes of copies are kept at most, besides those of one partition. */
  readonly keptBytes?: number | undefined
  /** Larger files are uploaded in parts of this size. */
  readonly maxHeldBytes?: number | undefined
}

const usualKeptBytes = 1024 ** 3
const headers = { 'content-type': 'application/vnd.apache.parquet' }

/**
 * A dataset below a prefix of a bucket. No object is ever replaced. Throws `access.…`, `bucket.…`, `network.…`, `object.…`, and `disk.…` for
 * its local copies.
 */
export class BucketPlace implements DatasetPlace {
  readonly #options: BucketPlaceOptions
  readonly #maxHeldBytes: number
  readonly #fetched: FetchedFiles
  /** The Parquet files of the partitions that were listed, by key. */
  readonly #listed = new Map<string, Map<string, ListedObject>>()
  #side: Promise<TargetSide> | undefined

  constructor(options: BucketPlaceOptions) {
    const { folder, keptBytes = usualKeptBytes, signal } = options
    this.#options = options
    this.#maxHeldBytes = options.maxHeldBytes ?? maxHeldBytes
    this.#fetched = new FetchedFiles(folder, keptBytes, signal)
  }

  has(): boolean {
    return false
  }

  async filesOf(folder: string, isWanted: (name: string) => boolean): Promise<readonly string[]> {
    const listed = await this.#list(folder)
    const start = this.#keyOf(folder, '').length
    const wanted = [...listed.values()].filter(({ key }) => isWanted(key.slice(start)))
    return wanted.length === 0 ? [] : this.#fetched.pathsOf(folder, wanted, await this.#open())
  }

  async publish(path: string, folder: string, name: string): Promise<Published> {
    const key = this.#keyOf(folder, name)
    const listed = await this.#list(folder)
    const published = listed.has(key) ? await this.#compare(key, path) : await this.#store(key, path)
    const { size: sizeBytes } = onDisk(path, () => statSync(path))
    onDisk(path, () => rmSync(path, { force: true }))
    if (published === 'published') {
      listed.set(key, { key, sizeBytes, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' })
    } else if (!listed.has(key)) {
      // Another program has written it since the listing.
      this.#listed.delete(folder)
    }
    return published
  }

  /** S3 has stored a file durably when it answers. */
  sync(): Promise<void> {
    return Promise.resolve()
  }

  #open(): Promise<TargetSide> {
    this.#side ??= this.#options.openSide()
    return this.#side
  }

  #keyOf(folder: string, name: string): string {
    return `${this.#options.prefix}${folder}/${name}`
  }

  async #list(folder: string): Promise<Map<string, ListedObject>> {
    const known = this.#listed.get(folder)
    if (known !== undefined) return known
    const { listing } = await this.#open()
    const found = new Map<string, ListedObject>()
    const prefix = this.#keyOf(folder, '')
    let token: string | undefined
    do {
      const page = await listing.listPage({ prefix, delimiter: '/', token }, this.#options.signal)
      for (const object of page.objects) if (object.key.endsWith('.parquet')) found.set(object.key, object)
      token = page.nextToken
    } while (token !== undefined)
    this.#listed.set(folder, found)
    return found
  }

  async #store(key: string, path: string): Promise<Published> {
    try {
      await this.#put(key, path)
      return 'published'
    } catch (error) {
      if (!hasCode(error, 'object.changed')) throw error
    }
    // An earlier attempt may have stored the file although its answer was lost.
    return (await this.#compare(key, path)) === 'present' ? 'published' : 'differs'
  }

  async #put(key: string, path: string): Promise<void> {
    const { signal } = this.#options
    const side = await this.#open()
    const { size: sizeBytes } = onDisk(path, () => statSync(path))
    if (sizeBytes <= this.#maxHeldBytes) {
      const body = onDisk(path, () => readFileSync(path))
      await side.putNew(key, body, headers, signal)
      return
    }
    // S3 compares the joined parts with the checksum of the whole file.
    const checksums = { crc64nvme: await checksumOf(path, 'crc64nvme', 'base64') }
    const partBytes = Math.max(this.#maxHeldBytes, Math.ceil(sizeBytes / mostParts))
    await side.uploadNewInParts(key, piecesOf(path, partBytes), { sizeBytes, headers, checksums }, signal)
  }

  /** Compares the object with a local file, by size and then by content. */
  async #compare(key: string, path: string): Promise<'present' | 'differs'> {
    const { signal } = this.#options
    const side = await this.#open()
    const head = await side.head(key, signal)
    if (head.sizeBytes !== onDisk(path, () => statSync(path)).size) return 'differs'
    const digest = await side.get({ key }, () => digestingBody({ ...head, key }), signal)
    return digest === (await checksumOf(path, 'sha256', 'hex')) ? 'present' : 'differs'
  }
}

async function checksumOf(path: string, algorithm: ChecksumAlgorithm, encoding: BufferEncoding): Promise<string> {
  const sum = createChecksum(algorithm)
  for await (const piece of piecesOf(path, maxHeldBytes)) sum.update(piece)
  return Buffer.from(await sum.digest()).toString(encoding)
}

/** The bytes of a file, in pieces of this size; the last one may be smaller. */
async function* piecesOf(path: string, pieceBytes: number): AsyncGenerator<Uint8Array> {
  let rest: Buffer[] = []
  let restBytes = 0
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: Math.min(pieceBytes, readBytes) })) {
      let bytes = chunk as Buffer
      while (restBytes + bytes.length >= pieceBytes) {
        const missing = pieceBytes - restBytes
        yield Buffer.concat([...rest, bytes.subarray(0, missing)])
        bytes = bytes.subarray(missing)
        rest = []
        restBytes = 0
      }
      if (bytes.length > 0) {
        rest.push(bytes)
        restBytes += bytes.length
      }
    }
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? diskError(error, path) : error
  }
  if (restBytes > 0) yield Buffer.concat(rest)
}

const readBytes = 1024 * 1024
