import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { GrowingFile } from '../disk/growing-file.ts'
import { removeFile } from '../disk/remove-file.ts'
import { hourMs } from '../trail/calendar.ts'
import { eventIdBytes as idBytes, shortEventId } from './event-id.ts'

/** A first pull of a month has 720 files. */
const mostOpen = 8
const filePattern = /^ids-(\d+)\.bin$/

/** How many events each hour's file holds, as coverage remembers it. */
export type EventIdMemory = Readonly<Record<string, number>>

/** True if a coverage that was read has the form that `EventIds` writes. It is checked because its hours become names of files. */
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

/** Remembers the events that were written in the look-back: 16 bytes of each id, in a file for each hour of S3's clock. */
export class EventIds {
  readonly #folder: string
  readonly #lookBackMs: number
  readonly #confirm: () => void
  readonly #ids = new Set<string>()
  readonly #files = new Map<number, GrowingFile>()
  readonly #touched = new Set<GrowingFile>()
  /** The file that was used last comes last. */
  readonly #open = new Set<GrowingFile>()

  /** Ids that an interrupted run added after it wrote its coverage are forgotten. `confirm`: see `EventFilesOptions`. Throws `disk.…`. */
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
    return this.#ids.has(shortEventId(eventId).toString('latin1'))
  }

  /** Adds all ids, or throws and adds none. `atMs`: the LastModified of their log. Returns a function that removes them again. */
  add(eventIds: readonly string[], atMs: number): () => void {
    if (eventIds.length === 0) return () => undefined
    const ids = eventIds.map(shortEventId)
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
   * Syncs the added ids and returns what to remember: the hours of the look-back and of this flush. A log of this flush may not be covered yet, so it comes
   * again after a kill, whatever its age.
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
