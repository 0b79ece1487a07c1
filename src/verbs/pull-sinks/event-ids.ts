import { createHash } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GrowingFile } from '../../disk/growing-file.ts'
import { hourMs } from '../../trail/calendar.ts'

const idBytes = 16
const filePattern = /^ids-(\d+)\.bin$/

/** How many events each hour's file holds, as coverage remembers it. */
export type EventIdMemory = Readonly<Record<string, number>>

/** The events that were written in the look-back, each by 16 bytes of its id, in a file for each hour of S3's clock. */
export class EventIds {
  readonly #folder: string
  readonly #lookBackMs: number
  readonly #ids = new Set<string>()
  readonly #files = new Map<number, GrowingFile>()
  readonly #touched = new Set<GrowingFile>()

  /** What an interrupted run noted beyond the memory is forgotten, and so are hours before the look-back. Throws `disk.…`. */
  constructor(folder: string, memory: EventIdMemory, lookBackMs: number) {
    this.#folder = folder
    this.#lookBackMs = lookBackMs
    const hours = Object.keys(memory).map(Number)
    const firstMs = Math.max(0, ...hours) - lookBackMs
    for (const name of readdirSync(folder)) {
      const [, hour] = filePattern.exec(name) ?? []
      if (hour !== undefined && (memory[hour] === undefined || Number(hour) + hourMs < firstMs))
        rmSync(join(folder, name))
    }
    for (const hour of hours.filter((at) => at + hourMs >= firstMs)) {
      const bytes = this.#file(hour, (memory[hour] ?? 0) * idBytes).read()
      for (let at = 0; at + idBytes <= bytes.length; at += idBytes)
        this.#ids.add(bytes.toString('latin1', at, at + idBytes))
    }
  }

  has(eventId: string): boolean {
    return this.#ids.has(idOf(eventId).toString('latin1'))
  }

  /** To be called when the event is written. `atMs`: the LastModified of its log. */
  add(eventId: string, atMs: number): void {
    const bytes = idOf(eventId)
    this.#ids.add(bytes.toString('latin1'))
    const file = this.#file(Math.floor(atMs / hourMs) * hourMs, 0)
    file.append(bytes)
    this.#touched.add(file)
  }

  /** Syncs what was added, and returns what to remember. */
  flush(): EventIdMemory {
    for (const file of this.#touched) file.sync()
    this.#touched.clear()
    const hours = [...this.#files.keys()]
    const firstMs = Math.max(0, ...hours) - this.#lookBackMs
    return Object.fromEntries(
      [...this.#files]
        .filter(([hour]) => hour + hourMs >= firstMs)
        .map(([hour, { sizeBytes }]) => [String(hour), sizeBytes / idBytes]),
    )
  }

  close(): void {
    for (const file of this.#files.values()) file.close()
  }

  #file(hour: number, keepBytes: number): GrowingFile {
    let file = this.#files.get(hour)
    if (file === undefined) {
      file = new GrowingFile(join(this.#folder, `ids-${hour}.bin`), keepBytes)
      this.#files.set(hour, file)
    }
    return file
  }
}

/** A UUID is 16 bytes by itself. */
function idOf(eventId: string): Buffer {
  const hex = eventId.replaceAll('-', '')
  if (/^[0-9a-f]{32}$/i.test(hex)) return Buffer.from(hex, 'hex')
  return createHash('sha256').update(eventId).digest().subarray(0, idBytes)
}
