import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { openPrivateTempFolder, type PrivateTempFolder } from '../../disk/private-temp-folder.ts'
import { eventIdBytes } from '../../sinks/event-id.ts'
import { type FoundRecords, joinLines, linesOf } from './found-records.ts'
import type { FieldValue } from './record-form.ts'
import { compareRecords, mergeRecords, readRun, type SortedRecord, writeRun } from './sorted-run.ts'

const mostHeldBytes = 32 * 1024 * 1024
/** Each run that is read needs an open file and a buffer. With more, several runs are first merged into one. */
const mostRuns = 256

/** What an object of JavaScript needs besides its texts. */
const bytesPerRecord = 300
const bytesPerValue = 50

/** Sorts records by the time of their events. Writes sorted runs to a private temporary folder if they do not fit into memory. */
export class TimeSorter {
  readonly #limit: number
  readonly #mostBytes: number
  readonly #mostRuns: number
  readonly #tempRoot: string
  #held: SortedRecord[] = []
  #heldBytes = 0
  #folder: PrivateTempFolder | undefined
  #runs: string[] = []
  #runCount = 0

  /** `limit`: how many records are wanted, the earliest ones. */
  constructor({
    limit = Infinity,
    mostBytes = mostHeldBytes,
    mostRuns: runs = mostRuns,
    tempRoot = tmpdir(),
  }: {
    limit?: number | undefined
    mostBytes?: number
    mostRuns?: number
    tempRoot?: string
  } = {}) {
    this.#limit = limit
    this.#mostBytes = mostBytes
    this.#mostRuns = runs
    this.#tempRoot = tempRoot
  }

  /** Whether something was written to disk. */
  get hasSpilled(): boolean {
    return this.#runs.length > 0
  }

  /** Throws `disk.…`. */
  add(found: FoundRecords): void {
    const lines = [...linesOf(found)]
    for (let at = 0; at < found.count; at++) {
      const shared = lines[at]
      const timeMs = found.timesMs[at] ?? Number.NaN
      const record = {
        timeMs: Number.isNaN(timeMs) ? Infinity : timeMs,
        log: found.log,
        at,
        id: Buffer.from(found.ids.subarray(at * eventIdBytes, (at + 1) * eventIdBytes)),
        line: shared && Buffer.from(shared),
        values: found.values?.[at],
      }
      this.#held.push(record)
      this.#heldBytes += bytesOf(record)
    }
    if (this.#heldBytes > this.#mostBytes) this.#makeRoom()
  }

  /** All records in order, each as one of its log. Throws `disk.…`. */
  *sorted(): Generator<FoundRecords> {
    this.#held.sort(compareRecords)
    const records = mergeRecords([...this.#runs.map(readRun), this.#held.values()])
    try {
      for (let left = this.#limit; left > 0; left--) {
        const next = records.next()
        if (next.done === true) return
        yield asFound(next.value)
      }
    } finally {
      records.return(undefined)
    }
  }

  /** Removes everything from the disk. Throws `disk.…`. */
  close(): void {
    this.#folder?.remove()
    this.#folder = undefined
  }

  #makeRoom(): void {
    this.#held.sort(compareRecords)
    if (this.#limit < this.#held.length) {
      this.#held.length = this.#limit
      this.#heldBytes = this.#held.reduce((sum, record) => sum + bytesOf(record), 0)
      if (this.#heldBytes < this.#mostBytes / 2) return
    }
    this.#addRun(this.#held)
    this.#held = []
    this.#heldBytes = 0
    if (this.#runs.length < this.#mostRuns) return
    const runs = this.#runs
    this.#runs = []
    this.#addRun(mergeRecords(runs.map(readRun)))
    for (const path of runs) onDisk(path, () => rmSync(path))
  }

  #addRun(records: Iterable<SortedRecord>): void {
    this.#folder ??= openPrivateTempFolder(this.#tempRoot)
    const path = join(this.#folder.path, `run-${this.#runCount++}`)
    writeRun(path, records)
    this.#runs.push(path)
  }
}

function bytesOf({ line, values }: SortedRecord): number {
  return (
    bytesPerRecord + (line?.length ?? 0) + (values?.reduce((sum: number, value) => sum + bytesOfValue(value), 0) ?? 0)
  )
}

function bytesOfValue(value: FieldValue): number {
  return bytesPerValue + (typeof value === 'string' ? 2 * value.length : 0)
}

function asFound({ timeMs, log, id, line, values }: SortedRecord): FoundRecords {
  const head = { log, count: 1, ids: id, timesMs: Float64Array.of(timeMs === Infinity ? Number.NaN : timeMs) }
  if (line === undefined) return { ...head, values: [values ?? []] }
  return { ...head, ...joinLines([Buffer.concat([line, Buffer.from('\n')])]) }
}
