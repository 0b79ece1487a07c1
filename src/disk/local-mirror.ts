import { createReadStream, rmSync, statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { CrosstrailError, hasCode } from '../error.ts'
import type { KeyParts, ListedObject } from '../trail/log-object.ts'
import { CaseGuard } from './case-guard.ts'
import { ContentCheck, type ContentFact, checkContent } from './content-check.ts'
import type { AnswerHeaders, Listed } from './expected-sums.ts'
import { inflateStream } from './inflate-stream.ts'
import { inflateLog } from './inflate.ts'
import type { FileForm } from './file-form.ts'
import { localPath, mapsOneToOne, type PathRules } from './local-path.ts'
import { type LocalState, localState, missing } from './presence.ts'
import { isPresent, type PresenceOptions } from './present-file.ts'
import { pathRulesOf } from './mirror-path.ts'
import { openRunFolder, probeCaseSensitivity } from './run-folder.ts'
import { signaturePath, signatureText } from './signature-file.ts'
import { SafeFolders } from './safe-folders.ts'
import { type WholeFileOptions, createWhole, writeWhole } from './whole-file.ts'

type MayBeLeftOut = 'overwrite' | 'dryRun'

export interface MirrorOptions extends Omit<FileForm, MayBeLeftOut>, Partial<Pick<FileForm, MayBeLeftOut>> {
  readonly root: string
  /** Probed if not given. */
  readonly caseSensitive?: boolean | undefined
  readonly durable?: boolean | undefined
}

/** The path of an object's file, and whether the object must be fetched. */
export interface Place {
  readonly key: string
  readonly path: string
  /** With `/` between segments. */
  readonly relativePath: string
  /** The folder of `relativePath`; `.` for the root. */
  readonly folder: string
  readonly decision: 'fetch' | 'skip'
  readonly listed: Listed
  readonly lastModifiedMs: number
  /** False if the file must not replace one that another key may have written meanwhile. */
  readonly mayReplace: boolean
  /** The file that keeps the signature of a digest, relative to the root. Undefined for every other log. */
  readonly signaturePath: string | undefined
}

export interface WrittenFile {
  /** Size of the file under its final name. */
  readonly writtenBytes: number
  /** The checks that the received bytes passed before the file got its name. */
  readonly checked: readonly ContentFact[]
}

/** A body that is being written in pieces. */
export interface MirrorStream {
  write(bytes: Uint8Array): void
  /** Checks the body, unzips it if asked, and gives the file its name. */
  commit(): Promise<WrittenFile>
  /** Removes the partial file. Always call it; after `commit` it does nothing. */
  abort(): void
}

/** Opens a folder as a mirror, for one thread. Call `close` at the end. Throws `disk.not-a-folder`, `disk.not-writable`, `disk.full`. */
export function openMirror(options: MirrorOptions): LocalMirror {
  return new LocalMirror(options)
}

/** Logs up to this size are unzipped in memory, if they inflate to no more than the second value. */
const smallGzipBytes = 8 * 1024 * 1024
const smallInflatedBytes = 64 * 1024 * 1024

/** A folder that mirrors a bucket's logs. Errors that `isDiskFailure` names end the run; all others concern one object. */
export class LocalMirror {
  readonly root: string
  /** `.crosstrail` in the root; undefined in a dry run. */
  readonly stateFolder: string | undefined
  readonly #options: MirrorOptions
  readonly #tempFolder: string | undefined
  /** `#tempFolder` relative to the root, with `/` between segments. */
  readonly #ownFolder: string = ''
  readonly #folders: SafeFolders
  readonly #caseGuard: CaseGuard | undefined
  readonly #oneToOne: boolean
  readonly #pathRules: PathRules
  readonly #presence: PresenceOptions
  /** By the clock of the file system. */
  readonly #openedMs: number = 0
  #tempCount = 0
  /** The folder of the previous object. Most objects share it, and looking up a string whose hash is known is faster. */
  #lastFolder = '.'

  constructor(options: MirrorOptions) {
    this.root = resolve(options.root)
    this.#options = options
    if (options.dryRun !== true) {
      const { stateFolder, tempFolder } = openRunFolder(this.root)
      this.stateFolder = stateFolder
      this.#tempFolder = tempFolder
      this.#ownFolder = relative(this.root, tempFolder).replaceAll(sep, '/')
      this.#openedMs = statSync(tempFolder).ctimeMs
    }
    const caseSensitive = options.caseSensitive ?? this.#probeCase()
    this.#folders = new SafeFolders(this.root)
    this.#caseGuard = caseSensitive ? undefined : new CaseGuard(this.root)
    this.#oneToOne = caseSensitive && mapsOneToOne(options.layout)
    this.#pathRules = pathRulesOf(this.root, options)
    this.#presence = {
      decompress: options.decompress,
      overwrite: options.overwrite === true,
      mayTouch: options.dryRun !== true,
    }
  }

  /**
   * Finds an object's place. Throws `object.unsafe-key`, `object.unsafe-path`, `object.not-gzip`, `object.path-occupied` and
   * `object.name-collision`; such an object is not written at all.
   */
  place(object: ListedObject & Partial<KeyParts>): Place {
    const relativePath = localPath(object.key, object, this.#pathRules)
    this.#caseGuard?.claim(relativePath)
    // Not `join`: it would normalize a path that is already normal.
    const path = `${this.root}/${relativePath}`
    const folder = this.#folderOf(relativePath)
    const local = this.#mayHold(folder) ? localState(path) : missing
    const present = local.exists && isPresent(path, local, object, this.#presence)
    if (!present && local.exists) this.#refuseOccupied(object.key, path, local)
    const signature = object.kind === 'digest' ? signaturePath(relativePath) : undefined
    const isSigned = this.#hasSignature(object.key, signature)
    return {
      key: object.key,
      path,
      relativePath,
      folder,
      decision: present && isSigned ? 'skip' : 'fetch',
      listed: object,
      lastModifiedMs: object.lastModifiedMs,
      mayReplace: this.#oneToOne || local.exists,
      signaturePath: signature,
    }
  }

  /** Checks a received body against the listing and the headers, unzips it if asked, and writes the file atomically. */
  async writeBytes(place: Place, bytes: Uint8Array, headers: AnswerHeaders): Promise<WrittenFile> {
    const checking = checkContent(bytes, headers, place.listed)
    const checked = checking instanceof Promise ? await checking : checking
    if (!this.#options.decompress) return this.#writeWhole(place, bytes, headers, checked)
    const inflated = this.#inflateSmall(bytes)
    if (inflated !== undefined) return this.#writeWhole(place, inflated, headers, checked)
    return { writtenBytes: await this.#inflateTo(place, [bytes], headers), checked }
  }

  /** Does the same for a body that is too large for memory. It holds a few megabytes at most. */
  openStream(place: Place, headers: AnswerHeaders): MirrorStream {
    const check = new ContentCheck(headers, place.listed)
    const options = this.#fileOptions(place, headers)
    const file = createWhole(options)
    let receivedBytes = 0
    return {
      write: (bytes) => {
        check.update(bytes)
        file.write(bytes)
        receivedBytes += bytes.length
      },
      commit: async () => {
        const checked = await check.finish()
        if (!this.#options.decompress) {
          file.commit()
          return { writtenBytes: receivedBytes, checked }
        }
        try {
          return { writtenBytes: await this.#inflateTo(place, createReadStream(options.temp), headers), checked }
        } finally {
          file.abort()
        }
      },
      abort: () => file.abort(),
    }
  }

  /** Removes this run's temp folder, with everything that was not committed. */
  close(): void {
    if (this.#tempFolder !== undefined) rmSync(this.#tempFolder, { recursive: true, force: true })
  }

  #folderOf(relativePath: string): string {
    const end = relativePath.lastIndexOf('/')
    if (end === -1) return '.'
    if (end !== this.#lastFolder.length || !relativePath.startsWith(this.#lastFolder)) {
      this.#lastFolder = relativePath.slice(0, end)
    }
    return this.#lastFolder
  }

  /** A folder that this run made holds only this run's files, and each object is asked for once. */
  #mayHold(relativeFolder: string): boolean {
    return !(this.#oneToOne && this.#folders.isOwn(relativeFolder)) && this.#folders.exists(relativeFolder)
  }

  /** Returns undefined if the log should be streamed instead. */
  #inflateSmall(bytes: Uint8Array): Buffer | undefined {
    const { maxInflatedBytes } = this.#options
    if (bytes.length > smallGzipBytes) return undefined
    try {
      return inflateLog(bytes, { maxInflatedBytes: Math.min(maxInflatedBytes, smallInflatedBytes) })
    } catch (error) {
      const worthStreaming = hasCode(error, 'object.inflates-too-much')
      if (worthStreaming && maxInflatedBytes > smallInflatedBytes) return undefined
      throw error
    }
  }

  async #inflateTo(
    place: Place,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    headers: AnswerHeaders,
  ): Promise<number> {
    const file = createWhole(this.#fileOptions(place, headers))
    try {
      const writtenBytes = await inflateStream(source, (bytes) => file.write(bytes), this.#options)
      file.commit()
      return writtenBytes
    } finally {
      file.abort()
    }
  }

  /** A digest without the file of its signature is fetched again. */
  #hasSignature(key: string, relativePath: string | undefined): boolean {
    if (relativePath === undefined) return true
    const path = `${this.root}/${relativePath}`
    const local = localState(path)
    if (local.isFolder) this.#refuseOccupied(key, path, local)
    return local.isFile && local.sizeBytes > 0
  }

  #writeWhole(place: Place, bytes: Uint8Array, headers: AnswerHeaders, checked: readonly ContentFact[]): WrittenFile {
    writeWhole(this.#fileOptions(place, headers), bytes)
    return { writtenBytes: bytes.length, checked }
  }

  /** The signature of a digest gets its name right before the digest does, so that no digest is there without its signature. */
  #fileOptions(place: Place, headers: AnswerHeaders): WholeFileOptions {
    const { signaturePath: signature } = place
    const options = this.#plainOptions(place)
    if (signature === undefined) return options
    return {
      ...options,
      confirm: () => {
        const final = `${this.root}/${signature}`
        writeWhole({ ...this.#plainOptions(place), final, replace: true }, signatureText(headers))
        options.confirm()
      },
    }
  }

  #plainOptions(place: Place) {
    if (this.#tempFolder === undefined) throw new Error('a dry run writes nothing')
    this.#folders.confirmOwn(this.#ownFolder)
    this.#folders.ensure(place.folder)
    return {
      temp: `${this.#tempFolder}/${this.#tempCount++}`,
      final: place.path,
      mtimeMs: place.lastModifiedMs,
      replace: place.mayReplace,
      durable: this.#options.durable,
      confirm: () => this.#folders.confirm(place.folder),
    }
  }

  /** Throws if writing would fail, or might replace another key's log. */
  #refuseOccupied(key: string, path: string, local: LocalState): void {
    if (local.isFolder) {
      throw new CrosstrailError('object.path-occupied', `there is a folder in place of the file ${path}`, {
        hint: 'move it away, or choose another folder',
        facts: { key, path },
      })
    }
    if (mapsOneToOne(this.#options.layout)) return
    if (this.#options.overwrite === true && local.changedMs < this.#openedMs) return
    throw new CrosstrailError(
      'object.name-collision',
      `${path} already exists with other content, perhaps from another key`,
      {
        hint: 'use --layout key, or --overwrite to replace the file',
        facts: { key, path },
      },
    )
  }

  #probeCase(): boolean {
    if (this.#tempFolder !== undefined) return probeCaseSensitivity(this.#tempFolder)
    return process.platform !== 'darwin' && process.platform !== 'win32'
  }
}
