import { closeSync, openSync, readSync } from 'node:fs'
import { onDisk } from '../../disk/disk-error.ts'
import { writeAll } from '../../disk/whole-file.ts'
import { CrosstrailError } from '../../error.ts'
import type { LogParts } from '../../records/log-parts.ts'
import type { FieldValue } from './record-form.ts'

/** One record that is to be sorted. */
export interface SortedRecord {
  /** When the event began. Infinity if the record does not say, so that it comes last. */
  readonly timeMs: number
  readonly log: LogParts
  /** The place of the record in its log. Many events have the same time, and each search must show them in the same order. */
  readonly at: number
  readonly id: Buffer
  readonly line: Buffer | undefined
  readonly values: readonly FieldValue[] | undefined
}

export function compareRecords(a: SortedRecord, b: SortedRecord): number {
  if (a.timeMs !== b.timeMs) return a.timeMs < b.timeMs ? -1 : 1
  if (a.log.file !== b.log.file) return a.log.file < b.log.file ? -1 : 1
  return a.at - b.at
}

const recordsPerWrite = 1000
const readAheadBytes = 64 * 1024
/** The lengths of the JSON and of the line. */
const headBytes = 8

/** Writes sorted records to a new file. Throws `disk.…`. */
export function writeRun(path: string, records: Iterable<SortedRecord>): void {
  onDisk(path, () => {
    const file = openSync(path, 'wx', 0o600)
    try {
      let packed: Buffer[] = []
      for (const record of records) {
        packed.push(...pack(record))
        if (packed.length < 3 * recordsPerWrite) continue
        writeAll(file, Buffer.concat(packed))
        packed = []
      }
      writeAll(file, Buffer.concat(packed))
    } finally {
      closeSync(file)
    }
  })
}

/** Reads the records of such a file, a part at a time. Throws `disk.…`. */
export function* readRun(path: string): Generator<SortedRecord> {
  const file = onDisk(path, () => openSync(path, 'r'))
  try {
    let bytes = Buffer.alloc(0)
    let at = 0
    const has = (count: number): boolean => {
      while (bytes.length - at < count) {
        const piece = Buffer.allocUnsafe(Math.max(readAheadBytes, count))
        const length = onDisk(path, () => readSync(file, piece))
        if (length === 0) return false
        bytes = Buffer.concat([bytes.subarray(at), piece.subarray(0, length)])
        at = 0
      }
      return true
    }
    while (has(1)) {
      if (!has(headBytes)) throw cutShort(path)
      const [jsonLength, lineLength] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
      if (!has(headBytes + jsonLength + lineLength)) throw cutShort(path)
      const lineAt = at + headBytes + jsonLength
      const { id, hasLine, timeMs, ...others } = JSON.parse(bytes.toString('utf8', at + headBytes, lineAt)) as Packed
      const line = hasLine ? Buffer.from(bytes.subarray(lineAt, lineAt + lineLength)) : undefined
      at = lineAt + lineLength
      yield { ...others, timeMs: timeMs ?? Infinity, id: Buffer.from(id, 'hex'), line }
    }
  } finally {
    closeSync(file)
  }
}

/** Merges sorted records of several sources. */
export function* mergeRecords(sources: readonly Iterator<SortedRecord>[]): Generator<SortedRecord> {
  const heads = sources.map((source) => ({ source, next: source.next() }))
  try {
    for (;;) {
      let first: (typeof heads)[number] | undefined
      for (const head of heads) {
        if (head.next.done === true) continue
        if (first?.next.done !== false || compareRecords(head.next.value, first.next.value) < 0) first = head
      }
      if (first?.next.done !== false) return
      yield first.next.value
      first.next = first.source.next()
    }
  } finally {
    for (const { source } of heads) source.return?.(undefined)
  }
}

/** The lengths, the JSON and the line. */
function pack({ line, id, ...others }: SortedRecord): [Buffer, Buffer, Buffer] {
  const packed = { ...others, id: id.toString('hex'), hasLine: line !== undefined }
  const lineBytes = line ?? Buffer.alloc(0)
  const json = Buffer.from(JSON.stringify(packed))
  const head = Buffer.alloc(headBytes)
  head.writeUInt32LE(json.length, 0)
  head.writeUInt32LE(lineBytes.length, 4)
  return [head, json, lineBytes]
}

interface Packed extends Pick<SortedRecord, 'log' | 'at' | 'values'> {
  /** JSON has no Infinity and writes null. */
  readonly timeMs: number | null
  readonly id: string
  readonly hasLine: boolean
}

function cutShort(path: string): CrosstrailError {
  return new CrosstrailError('disk.failed', `${path}: was changed while crosstrail used it`, { facts: { path } })
}
