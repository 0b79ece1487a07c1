import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { GrowingFile } from '../disk/growing-file.ts'
import { onDisk } from '../disk/disk-error.ts'
import { removeFile } from '../disk/remove-file.ts'
import { CrosstrailError } from '../error.ts'
import { stampOf } from '../trail/stamp.ts'

const partExtension = '.part'

/** A file is closed as soon as one of them is reached. */
export interface Rotation {
  readonly everyMs?: number | undefined
  readonly sizeBytes?: number | undefined
}

interface PartMemory {
  readonly name: string
  readonly bytes: number
  readonly openedAtMs: number
}

/** What coverage remembers of the files: those that are full and get their names, and the one that grows. */
export interface EventFilesMemory {
  readonly full: readonly PartMemory[]
  readonly growing?: PartMemory | undefined
}

export interface EventFilesOptions {
  readonly rotation: Rotation
  /** No file goes on growing when nothing more will come. */
  readonly publishAtEnd: boolean
  readonly nowMs: () => number
  /** Called before a file is made or gets its name. Throws if a folder on the way became a link. */
  readonly confirm: () => void
}

/** Whether a coverage that was read remembers event files as `EventFiles` tells them: their names become paths. */
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
 * Lines in files that get their names when they are full or old enough, and never change then. Until then a file grows among the state of
 * the target, and coverage remembers how long it was: what a killed run wrote beyond that is cut off.
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

  /** Throws `coverage.damaged` where a file that grew is gone, `disk.…`. */
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
      // It has its name, and may have been moved away since: coverage was written before.
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

  /** Syncs all that was appended, and returns what to remember. */
  flush(): EventFilesMemory {
    this.#rotateOld()
    for (const { file } of this.#full) file.sync()
    this.#growing?.file.sync()
    const growing = this.#growing
    return { full: this.#full.map(partMemory), growing: growing && partMemory(growing) }
  }

  /** Closes the file that grows, unless it is to go on growing with the next pull. Returns whether files wait for their names. */
  finish(): boolean {
    if (this.#publishAtEnd) this.#close()
    else this.#rotateOld()
    return this.#full.length > 0
  }

  /** Gives the full ones their names: coverage remembers that they are full. */
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
    // A clock that went back would keep it open for as long as it went.
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
    // No name comes twice, whatever the clock does: files are moved to where others lie already.
    const name = `events-${stamp}-${count}-${randomBytes(4).toString('hex')}.ndjson`
    return { name, openedAtMs, file: new GrowingFile(this.#partPath(name), 0) }
  }

  /** Undefined where it has its name already: the run that gave it was killed, or coverage is an older one. */
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

/** What a run wrote that came to no commit, as on a full disk: its logs are taken again. */
function removeOthers(parts: string, { full, growing }: EventFilesMemory): void {
  const known = new Set([...full, ...(growing === undefined ? [] : [growing])].map(({ name }) => name + partExtension))
  for (const name of readdirSync(parts)) {
    if (name.endsWith(partExtension) && !known.has(name)) removeFile(join(parts, name))
  }
}

function partMemory({ name, openedAtMs, file }: { name: string; openedAtMs: number; file: GrowingFile }): PartMemory {
  return { name, openedAtMs, bytes: file.sizeBytes }
}

/** A link that leads nowhere is there too: it is no reason to think that the file has its name already. */
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
  return new CrosstrailError('coverage.damaged', `${path} is gone or cut short, and holds events that count as taken`, {
    hint: 'put it back; or begin anew, with --since, in another folder',
    facts: { path },
  })
}
