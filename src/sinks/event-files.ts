import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { GrowingFile } from '../disk/growing-file.ts'
import { onDisk } from '../disk/disk-error.ts'
import { removeFile } from '../disk/remove-file.ts'
import { CrosstrailError } from '../error.ts'
import { stampOf } from '../trail/stamp.ts'

const partExtension = '.part'

/** A file is closed as soon as one of these limits is reached. */
export interface Rotation {
  readonly everyMs?: number | undefined
  readonly sizeBytes?: number | undefined
}

interface PartMemory {
  readonly name: string
  readonly bytes: number
  readonly openedAtMs: number
}

/** What coverage remembers of the files: the full ones, which get their final names, and the growing one. */
export interface EventFilesMemory {
  readonly full: readonly PartMemory[]
  readonly growing?: PartMemory | undefined
}

export interface EventFilesOptions {
  readonly rotation: Rotation
  /** Also give the growing file its final name at the end of a pull. */
  readonly publishAtEnd: boolean
  readonly nowMs: () => number
  /** Called before a file is made or gets its name. Throws if a parent folder became a link. */
  readonly confirm: () => void
}

/** True if a coverage that was read has the form that `EventFiles` writes. It is checked because its names become paths. */
export function isEventFilesMemory(value: unknown): value is EventFilesMemory {
  if (typeof value !== 'object' || value === null) return false
  const { full, growing } = value as Readonly<Record<string, unknown>>
  return Array.isArray(full) && full.every(isPartMemory) && (growing === undefined || isPartMemory(growing))
}

function isPartMemory(value: unknown): value is PartMemory {
  if (typeof value !== 'object' || value === null) return false
  const { name, bytes, openedAtMs } = value as Readonly<Record<string, unknown>>
  return (
    typeof name === 'string' &&
    /^events-[0-9TZ]+-\d+-[0-9a-f]{8}\.ndjson$/.test(name) &&
    [bytes, openedAtMs].every((count) => typeof count === 'number' && Number.isSafeInteger(count) && count >= 0)
  )
}

/**
 * Files of lines that get their final names when they are full or old enough, and never change after that. A growing file is in the
 * target's state folder, and coverage remembers its length: what a killed run wrote beyond that is cut off.
 */
export class EventFiles {
  readonly #root: string
  readonly #parts: string
  readonly #rotation: Rotation
  readonly #publishAtEnd: boolean
  readonly #nowMs: () => number
  readonly #confirm: () => void
  #growing: { readonly name: string; readonly openedAtMs: number; readonly file: GrowingFile } | undefined
  #full: { readonly name: string; readonly openedAtMs: number; readonly file: GrowingFile }[] = []
  #count = 0

  /** Throws `coverage.damaged` if a growing file is missing, `disk.…`. */
  constructor(root: string, parts: string, memory: EventFilesMemory, options: EventFilesOptions) {
    options.confirm()
    this.#root = root
    this.#parts = parts
    this.#confirm = options.confirm
    this.#rotation = options.rotation
    this.#publishAtEnd = options.publishAtEnd
    this.#nowMs = options.nowMs
    removeOthers(parts, memory)
    for (const part of memory.full) {
      // It has its final name, and may have been moved away since; the coverage was written earlier.
      if (!isThere(this.#partPath(part.name))) continue
      const file = this.#reopen(part)
      if (file !== undefined) this.#full.push({ name: part.name, openedAtMs: part.openedAtMs, file })
    }
    this.nameFull()
    const { growing } = memory
    const file = growing && this.#reopen(growing)
    if (growing !== undefined && file !== undefined) {
      this.#growing = { name: growing.name, openedAtMs: growing.openedAtMs, file }
    }
  }

  append(lines: Buffer): void {
    if (lines.length === 0) return
    this.#rotateOld()
    this.#growing ??= this.#open()
    const { file } = this.#growing
    file.append(lines)
    if (file.sizeBytes >= (this.#rotation.sizeBytes ?? Infinity)) this.#close()
  }

  /** Syncs everything appended, and returns what to remember. */
  flush(): EventFilesMemory {
    this.#rotateOld()
    for (const { file } of this.#full) file.sync()
    this.#growing?.file.sync()
    const growing = this.#growing
    return { full: this.#full.map(partMemory), growing: growing && partMemory(growing) }
  }

  /** Closes the growing file, unless the next pull continues it. Returns whether files wait for their final names. */
  finish(): boolean {
    if (this.#publishAtEnd) this.#close()
    else this.#rotateOld()
    return this.#full.length > 0
  }

  /** Gives the full files their final names. Coverage must already remember that they are full. */
  nameFull(): void {
    if (this.#full.length === 0) return
    for (let [first] = this.#full; first !== undefined; [first] = this.#full) {
      this.#confirm()
      rename(first.file.path, join(this.#root, first.name))
      first.file.close()
      this.#full.shift()
    }
    syncFolder(this.#root)
  }

  close(): void {
    for (const { file } of this.#full) file.close()
    this.#growing?.file.close()
  }

  #rotateOld(): void {
    const { everyMs } = this.#rotation
    if (this.#growing === undefined || everyMs === undefined) return
    const ageMs = this.#nowMs() - this.#growing.openedAtMs
    // If the clock was set back, the file would stay open for that much longer.
    if (ageMs >= everyMs || ageMs < 0) this.#close()
  }

  #close(): void {
    if (this.#growing === undefined) return
    this.#full.push(this.#growing)
    this.#growing = undefined
  }

  #open() {
    this.#confirm()
    const openedAtMs = this.#nowMs()
    const stamp = `${stampOf(openedAtMs, 'second')}Z`
    const count = String(++this.#count).padStart(4, '0')
    // Names never repeat, whatever the clock does, because files are moved to places where others already are.
    const name = `events-${stamp}-${count}-${randomBytes(4).toString('hex')}.ndjson`
    return { name, openedAtMs, file: new GrowingFile(this.#partPath(name), 0) }
  }

  /** Returns undefined if the file has its final name: the run that gave it was killed, or the coverage is an older one. */
  #reopen({ name, bytes }: PartMemory): GrowingFile | undefined {
    const path = this.#partPath(name)
    if (!isThere(path)) {
      if (isThere(join(this.#root, name)) || bytes === 0) return undefined
      throw lost(path)
    }
    const file = new GrowingFile(path, bytes)
    if (file.sizeBytes < bytes) throw lost(path)
    return file
  }

  #partPath(name: string): string {
    return join(this.#parts, name + partExtension)
  }
}

/** Removes files that no coverage remembers, for example after a full disk. Their logs are taken again. */
function removeOthers(parts: string, { full, growing }: EventFilesMemory): void {
  const known = new Set([...full, ...(growing === undefined ? [] : [growing])].map(({ name }) => name + partExtension))
  for (const name of readdirSync(parts)) {
    if (name.endsWith(partExtension) && !known.has(name)) removeFile(join(parts, name))
  }
}

function partMemory({ name, openedAtMs, file }: { name: string; openedAtMs: number; file: GrowingFile }): PartMemory {
  return { name, openedAtMs, bytes: file.sizeBytes }
}

/** A broken link counts as existing: it does not mean that the file has its final name. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function rename(from: string, to: string): void {
  onDisk(to, () => renameSync(from, to))
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  onDisk(path, () => {
    const fd = openSync(path, 'r')
    fsyncSync(fd)
    closeSync(fd)
  })
}

function lost(path: string): CrosstrailError {
  return new CrosstrailError(
    'coverage.damaged',
    `${path} is missing or incomplete, and its events count as delivered`,
    {
      hint: 'restore the file, or start again in another folder with --since',
      facts: { path },
    },
  )
}
