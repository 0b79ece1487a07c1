import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { GrowingFile } from '../disk/growing-file.ts'
import { removeFile } from '../disk/remove-file.ts'
import { hourMs } from '../trail/calendar.ts'

const idBytes = 16
/** A first pull of a month has 720 files. */
const mostOpen = 8
const filePattern = /^ids-(\d+)\.bin$/

/** How many events each hour's file holds, as coverage remembers it. */
export type EventIdMemory = Readonly<Record<string, number>>

/** True if a coverage that was read has the form that `EventIds` writes. */
export function isEventIdMemory(value: unknown): value is EventIdMemory {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([hour, count]) =>
        /^\d{1,16}$/.test(hour) && typeof count === 'number' && Number.isSafeInteger(count) && count >= 0,
    )
  )
}

/** The events that were written within the look-back, as 16 bytes of each id, in one file per hour of S3's clock. */
export class EventIds {
  readonly #folder: string
  readonly #lookBackMs: number
  readonly #confirm: () => void
  readonly #ids = new Set<string>()
  readonly #files = new Map<number, GrowingFile>()
  readonly #touched = new Set<GrowingFile>()
  /** The most recently used one is last. */
  readonly #open = new Set<GrowingFile>()

  /** Forgets what an interrupted run added after the coverage was written. `confirm` is that of `EventFilesOptions`. Throws `disk.…`. */
  constructor(folder: string, memory: EventIdMemory, lookBackMs: number, confirm: () => void) {
    this.#folder = folder
    this.#confirm = confirm
    this.#lookBackMs = lookBackMs
    for (const name of readdirSync(folder)) {
      const [, hour] = filePattern.exec(name) ?? []
      if (hour !== undefined && memory[hour] === undefined) removeFile(join(folder, name))
    }
    for (const [hour, count] of Object.entries(memory)) {
      const bytes = this.#file(Number(hour), count * idBytes).read()
      for (let at = 0; at + idBytes <= bytes.length; at += idBytes)
        this.#ids.add(bytes.toString('latin1', at, at + idBytes))
    }
  }

  has(eventId: string): boolean {
    return this.#ids.has(idOf(eventId).toString('latin1'))
  }

  /** Adds all of them, or none and throws. `atMs` is the LastModified of their log. Returns a function that undoes it. */
  add(eventIds: readonly string[], atMs: number): () => void {
    if (eventIds.length === 0) return () => undefined
    const ids = eventIds.map(idOf)
    const names = ids.map((id) => id.toString('latin1'))
    const file = this.#file(Math.floor(atMs / hourMs) * hourMs, 0)
    const { sizeBytes } = file
    file.append(Buffer.concat(ids))
    this.#touched.add(file)
    for (const name of names) this.#ids.add(name)
    return () => {
      for (const name of names) this.#ids.delete(name)
      file.cut(sizeBytes)
    }
  }

  /**
   * Syncs what was added, and returns what to remember: the hours of the look-back and those of this flush. A log whose events are in this
   * flush may not be covered yet, and is taken again after a kill, however old it is.
   */
  flush(): EventIdMemory {
    const added = new Set(this.#touched)
    for (const file of added) file.sync()
    this.#touched.clear()
    const firstMs = Math.max(0, ...this.#files.keys()) - this.#lookBackMs
    return Object.fromEntries(
      [...this.#files]
        .filter(([hour, file]) => hour + hourMs >= firstMs || added.has(file))
        .map(([hour, { sizeBytes }]) => [String(hour), sizeBytes / idBytes]),
    )
  }

  close(): void {
    for (const file of this.#files.values()) file.close()
  }

  #file(hour: number, keepBytes: number): GrowingFile {
    const known = this.#files.get(hour)
    if (known === undefined || !this.#open.has(known)) this.#confirm()
    const file = known ?? new GrowingFile(join(this.#folder, `ids-${hour}.bin`), keepBytes)
    this.#files.set(hour, file)
    this.#open.delete(file)
    this.#open.add(file)
    const [longest] = this.#open
    if (this.#open.size > mostOpen && longest !== undefined) {
      longest.release()
      this.#open.delete(longest)
    }
    return file
  }
}

/** A UUID already is 16 bytes. */
function idOf(eventId: string): Buffer {
  const hex = eventId.replaceAll('-', '')
  if (/^[0-9a-f]{32}$/i.test(hex)) return Buffer.from(hex, 'hex')
  return createHash('sha256').update(eventId).digest().subarray(0, idBytes)
}
