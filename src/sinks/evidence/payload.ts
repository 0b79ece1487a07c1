import { dirname, join } from 'node:path'
import { CaseGuard } from '../../disk/case-guard.ts'
import { DurableBatch } from '../../disk/durable-batch.ts'
import { makeOwnFolder } from '../../disk/make-folder.ts'
import { signaturePath } from '../../disk/signature-file.ts'
import { CrosstrailError } from '../../error.ts'
import { onBagDisk, withOwnHint } from './bag-disk.ts'
import { BagFile } from './bag-file.ts'
import { manifestLine } from './manifest.ts'
import { plainPath, renamedPath } from './payload-name.ts'

export interface EvidenceObject {
  /** Undefined in a mirror, which does not know its bucket. */
  readonly bucket: string | undefined
  readonly key: string
  /** As it is stored. */
  readonly body: Uint8Array
}

export interface PayloadTotals {
  readonly files: number
  readonly bytes: number
}

/** A file of the payload that is written in pieces. */
export interface PayloadFile {
  write(text: string): void
}

const filesPerSync = 512
const mostKnownFolders = 10_000
const mostKnownNames = 50_000
/** Errors of a path that another file or the file system does not allow. The object then gets another name. */
const pathErrors: ReadonlySet<string> = new Set([
  'disk.not-a-folder',
  'object.name-collision',
  'object.path-occupied',
  'object.unsafe-key',
])

/** The payload of a bag: what is in `data/`, and its manifest. Memory is flat, however many files there are. All methods throw `disk.…`. */
export class Payload {
  readonly #root: string
  readonly #manifest: BagFile
  readonly #durable: DurableBatch
  readonly #names: CaseGuard
  readonly #folders = new Set<string>()
  readonly #open = new Map<string, BagFile>()
  #renamed: PayloadFile | undefined
  #unsynced = 0
  #files = 0
  #bytes = 0

  /** `root` is the folder of the bag. */
  constructor(root: string) {
    this.#root = root
    this.#durable = new DurableBatch(root)
    this.#names = new CaseGuard(root, mostKnownNames)
    this.#manifest = new BagFile(join(root, 'manifest-sha256.txt'))
  }

  get totals(): PayloadTotals {
    return { files: this.#files, bytes: this.#bytes }
  }

  /**
   * Adds an object under its key, or under a hash if the key cannot be a path. If the same object comes twice, the bag has a copy.
   * `signatureFile` is put beside a digest, as in a mirror, so that a bag can be verified like one.
   */
  async addObject(object: EvidenceObject, signatureFile?: Uint8Array): Promise<void> {
    const path = this.#addPlain(object) ?? this.#addRenamed(object)
    if (path !== undefined && signatureFile !== undefined) this.#write(signaturePath(path), signatureFile)
    await this.#syncSometimes()
  }

  async addFile(path: string, bytes: Uint8Array): Promise<void> {
    this.#write(path, bytes)
    await this.#syncSometimes()
  }

  /** Opens a file that is complete when the payload is finished. */
  openFile(path: string): PayloadFile {
    this.#makeFolder(dirname(path))
    const file = new BagFile(join(this.#root, path))
    this.#open.set(path, file)
    return { write: (text) => file.write(Buffer.from(text)) }
  }

  /** Resolves with the SHA-256 of the manifest when all files are on disk. */
  async finish(): Promise<string> {
    for (const [path, file] of this.#open) this.#record(path, file.finish(), file.sizeBytes)
    this.#open.clear()
    const sha256 = this.#manifest.finish()
    this.#durable.add('manifest-sha256.txt')
    await this.#sync()
    return sha256
  }

  close(): void {
    for (const file of this.#open.values()) file.close()
    this.#manifest.close()
  }

  #addPlain({ bucket, key, body }: EvidenceObject): string | undefined {
    const path = plainPath(bucket, key)
    if (path === undefined) return undefined
    try {
      // The bag must also fit a file system that ignores case.
      this.#names.claim(path)
      this.#write(path, body)
      return path
    } catch (error) {
      if (error instanceof CrosstrailError && pathErrors.has(error.code)) return undefined
      throw error
    }
  }

  /** Returns undefined if the bag has this copy already. */
  #addRenamed({ bucket, key, body }: EvidenceObject): string | undefined {
    const path = renamedPath(bucket, key, body)
    try {
      this.#write(path, body)
    } catch (error) {
      if (error instanceof CrosstrailError && error.code === 'object.path-occupied') return undefined
      throw error
    }
    this.#renamed ??= this.openFile('data/renamed.ndjson')
    this.#renamed.write(`${JSON.stringify({ path, bucket: bucket ?? null, key })}\n`)
    return path
  }

  #write(path: string, bytes: Uint8Array): void {
    this.#makeFolder(dirname(path))
    const file = new BagFile(join(this.#root, path))
    try {
      file.write(bytes)
      this.#record(path, file.finish(), bytes.length)
    } finally {
      file.close()
    }
  }

  #record(path: string, sha256: string, sizeBytes: number): void {
    this.#manifest.write(Buffer.from(manifestLine(sha256, path)))
    this.#durable.add(path)
    this.#unsynced++
    this.#files++
    this.#bytes += sizeBytes
  }

  #makeFolder(folder: string): void {
    if (this.#folders.has(folder)) return
    onBagDisk(folder, () => makeOwnFolder(join(this.#root, folder)))
    if (this.#folders.size >= mostKnownFolders) this.#folders.clear()
    this.#folders.add(folder)
  }

  async #syncSometimes(): Promise<void> {
    if (this.#unsynced >= filesPerSync) await this.#sync()
  }

  async #sync(): Promise<void> {
    this.#unsynced = 0
    try {
      await this.#durable.sync()
    } catch (error) {
      throw withOwnHint(error)
    }
  }
}
