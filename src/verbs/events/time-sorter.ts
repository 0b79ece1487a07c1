import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import type { LogParts } from '../../records/log-parts.ts'
import { eventIdBytes } from '../../sinks/event-id.ts'
import { type FoundRecords, joinLines, linesOf } from './found-records.ts'
import type { FieldValue } from './record-form.ts'

/** One record, as it waits for its place. */
interface Waiting {
  /** NaN comes last. */
  readonly timeMs: number
  readonly log: LogParts
  /** Its place in the log. Times are equal often, and the order is to be the same each time. */
  readonly at: number
  readonly id: Buffer
  readonly line: Buffer | undefined
  readonly values: readonly FieldValue[] | undefined
}

const heldBytes = 64 * 1024 * 1024
const readAheadBytes = 256 * 1024

/** Sorts records by the time of their events. What does not fit into memory waits in a private temporary folder. */
export class TimeSorter {
  readonly #limit: number
  readonly #mostBytes: number
  readonly #tempRoot: string
  #held: Waiting[] = []
  #heldBytes = 0
  #folder: string | undefined
  #runs: string[] = []

  /** `limit`: no more than the first so many are wanted. */
  constructor({ limit = Infinity, mostBytes = heldBytes, tempRoot = tmpdir() } = {}) {
    this.#limit = limit
    this.#mostBytes = mostBytes
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
      const line = shared && Buffer.from(shared)
      const values = found.values?.[at]
      const id = Buffer.from(found.ids.subarray(at * eventIdBytes, (at + 1) * eventIdBytes))
      this.#held.push({ timeMs: found.timesMs[at] ?? Number.NaN, log: found.log, at, id, line, values })
      this.#heldBytes += 300 + (line?.length ?? 0) + (values === undefined ? 0 : 50 * values.length)
    }
    if (this.#heldBytes > this.#mostBytes) this.#makeRoom()
  }

  /** All records in order, each as one of its log. Throws `disk.…`. */
  *sorted(): Generator<FoundRecords> {
    this.#held.sort(compare)
    const sources = [...this.#runs.map(readRun), this.#held.values()]
    const heads = sources.map((source) => ({ source, next: source.next() }))
    try {
      for (let left = this.#limit; left > 0; left--) {
        let first: (typeof heads)[number] | undefined
        for (const head of heads) {
          if (head.next.done === true) continue
          if (first?.next.done !== false || compare(head.next.value, first.next.value) < 0) first = head
        }
        if (first === undefined || first.next.done === true) return
        yield asFound(first.next.value)
        first.next = first.source.next()
      }
    } finally {
      for (const { source } of heads) source.return?.(undefined)
    }
  }

  /** Removes what is on disk. */
  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  #makeRoom(): void {
    this.#held.sort(compare)
    if (this.#limit < this.#held.length / 2) {
      this.#held.length = this.#limit
      this.#heldBytes = this.#held.reduce((sum, { line }) => sum + 300 + (line?.length ?? 0), 0)
      if (this.#heldBytes < this.#mostBytes / 2) return
    }
    this.#spill()
    this.#held = []
    this.#heldBytes = 0
  }

  #spill(): void {
    this.#folder ??= onDisk(this.#tempRoot, () => mkdtempSync(join(this.#tempRoot, 'crosstrail-')))
    const path = join(this.#folder, `run-${this.#runs.length}`)
    onDisk(path, () => {
      const file = openSync(path, 'wx', 0o600)
      try {
        for (let at = 0; at < this.#held.length; at += 1000) {
          writeWhole(file, Buffer.concat(this.#held.slice(at, at + 1000).map(pack)))
        }
      } finally {
        closeSync(file)
      }
    })
    this.#runs.push(path)
  }
}

function compare(a: Waiting, b: Waiting): number {
  const [aMs, bMs] = [a.timeMs, b.timeMs].map((ms) => (Number.isNaN(ms) ? Infinity : ms)) as [number, number]
  if (aMs !== bMs) return aMs < bMs ? -1 : 1
  if (a.log.file !== b.log.file) return a.log.file < b.log.file ? -1 : 1
  return a.at - b.at
}

function asFound({ timeMs, log, id, line, values }: Waiting): FoundRecords {
  const head = { log, count: 1, ids: id, timesMs: Float64Array.of(timeMs) }
  if (line === undefined) return { ...head, values: [values ?? []] }
  return { ...head, ...joinLines([Buffer.concat([line, Buffer.from('\n')])]) }
}

/** Length of the JSON, length of the line, then both. */
function pack({ line, id, ...rest }: Waiting): Buffer {
  const json = Buffer.from(JSON.stringify({ ...rest, id: id.toString('hex'), hasLine: line !== undefined }))
  const head = Buffer.alloc(8)
  head.writeUInt32LE(json.length, 0)
  head.writeUInt32LE(line?.length ?? 0, 4)
  return Buffer.concat([head, json, line ?? Buffer.alloc(0)])
}

function* readRun(path: string): Generator<Waiting> {
  const file = onDisk(path, () => openSync(path, 'r'))
  try {
    let bytes = Buffer.alloc(0)
    let at = 0
    const need = (count: number): boolean => {
      while (bytes.length - at < count) {
        const piece = Buffer.allocUnsafe(Math.max(readAheadBytes, count))
        const length = onDisk(path, () => readSync(file, piece))
        if (length === 0) return false
        bytes = Buffer.concat([bytes.subarray(at), piece.subarray(0, length)])
        at = 0
      }
      return true
    }
    while (need(8)) {
      const [jsonLength, lineLength] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
      if (!need(8 + jsonLength + lineLength)) throw new Error(`${path} is cut short`)
      const lineAt = at + 8 + jsonLength
      const { id, hasLine, timeMs, ...rest } = JSON.parse(bytes.toString('utf8', at + 8, lineAt)) as Packed
      const line = hasLine ? Buffer.from(bytes.subarray(lineAt, lineAt + lineLength)) : undefined
      at = lineAt + lineLength
      yield { ...rest, timeMs: timeMs ?? Number.NaN, id: Buffer.from(id, 'hex'), line }
    }
  } finally {
    closeSync(file)
  }
}

interface Packed extends Pick<Waiting, 'log' | 'at' | 'values'> {
  /** JSON has no NaN. */
  readonly timeMs: number | null
  readonly id: string
  readonly hasLine: boolean
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
