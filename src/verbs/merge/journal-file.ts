import { closeSync, readSync } from 'node:fs'
import { onDisk } from '../../disk/disk-error.ts'
import { type FileLine, type JsonLine, jsonLine, linesOf } from '../../disk/file-lines.ts'
import { openRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError } from '../../error.ts'
import type { Shard } from '../../trail/shard.ts'
import { type SkipReason, skipReasons } from '../../work/outcome.ts'
import { type Tally, TallyCounter } from '../../work/tally.ts'
import type { MergedJournal, MergedLine } from './report.ts'

/** What the first and the last line of a journal say. */
export interface JournalFile {
  readonly file: string
  readonly verb: string
  readonly run: string
  readonly shard: Shard | undefined
  /** What journals of one command share, as text, by a name for messages. */
  readonly command: Readonly<Record<string, string>>
  readonly isFinished: boolean
}

/** Reads all of a journal for its first and last line. Throws `usage.not-a-journal`, `disk.…`, `interrupted`. */
export async function readHead(file: string, signal: AbortSignal): Promise<JournalFile> {
  let head: JsonLine | undefined
  let last: FileLine | undefined
  for await (const line of fileLines(file, signal)) {
    head ??= jsonLine(line.text)
    last = line
    if (head?.['journal'] !== 'crosstrail') throw notAJournal(file)
    if (typeof head['fleetRun'] === 'string') throw ofAFleet(file)
  }
  const { verb, run, selection, trail, options, sha256 } = head ?? {}
  if (typeof verb !== 'string' || typeof run !== 'string' || typeof selection !== 'object') throw notAJournal(file)
  const { shard = head?.['shard'], ...rest } = { ...selection } as Readonly<Record<string, unknown>>
  return {
    file,
    verb,
    run,
    shard: isShard(shard) ? shard : undefined,
    command: {
      verb,
      trail: JSON.stringify(trail),
      selection: JSON.stringify(rest),
      options: JSON.stringify(options),
      plan: JSON.stringify(sha256),
    },
    isFinished: last?.ended === true && typeof jsonLine(last.text)?.['finished'] === 'string',
  }
}

interface Passing {
  readonly onLine?: ((line: MergedLine) => void) | undefined
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
  readonly signal: AbortSignal
}

/**
 * Counts the outcomes of a journal, and passes its failures and findings on. Throws `usage.not-a-journal` if a line is not of a journal, or if
 * its last line has other counts than its lines.
 */
export async function readJournal(
  { file, run, shard }: JournalFile,
  { onLine, whenWritable, signal }: Passing,
): Promise<MergedJournal> {
  const counter = new TallyCounter()
  const findings: Record<string, number> = {}
  let end: JsonLine | undefined
  for await (const { text, ended } of fileLines(file, signal)) {
    // A killed run cut this line off.
    if (!ended) break
    const line = jsonLine(text)
    if (line === undefined || end !== undefined) throw notAJournal(file)
    if (typeof line['finished'] === 'string') {
      end = line
      continue
    }
    if (line['type'] === 'finding' && typeof line['code'] === 'string') {
      findings[line['code']] = (findings[line['code']] ?? 0) + 1
    } else if (!count(line, counter)) continue
    for (let wait = whenWritable?.(); wait !== undefined; wait = whenWritable?.()) await wait
    onLine?.({ ...(shard && { shard: `${shard.index}/${shard.count}` }), ...line })
  }
  const tally = counter.snapshot()
  if (end !== undefined && !isTallyOf(end, tally)) {
    throw new CrosstrailError('usage.not-a-journal', `the last line of ${file} has other counts than its lines`, {
      hint: 'the file was changed after its run',
      facts: { file },
    })
  }
  const stopped = (end?.['stopped'] ?? {}) as Readonly<Record<string, string>>
  const state = end === undefined ? 'unfinished' : end['interrupted'] === true ? 'interrupted' : 'finished'
  return { file, run, shard, state, tally, stopped, findings }
}

/** Counts a line. Returns whether it is a failure. */
function count(line: JsonLine, counter: TallyCounter): boolean {
  const { status, bytes, reason, code } = line
  if (status === 'done') counter.count({ status, bytes: Number(bytes ?? 0) })
  else if (status === 'skipped' && skipReasons.includes(reason as SkipReason)) {
    counter.count({ status, reason: reason as SkipReason })
  } else if (status === 'failed') counter.count({ status, code: String(code) })
  return status === 'failed'
}

function isTallyOf(end: JsonLine, { done, doneBytes, failed, skipped }: Tally): boolean {
  const counted = (end['skipped'] ?? {}) as Readonly<Record<string, number>>
  const isSkipped = skipReasons.every((reason) => (counted[reason] ?? 0) === skipped[reason])
  return end['done'] === done && end['doneBytes'] === doneBytes && end['failed'] === failed && isSkipped
}

async function* fileLines(file: string, signal: AbortSignal): AsyncGenerator<FileLine> {
  const descriptor = onDisk(file, () => openRegularFile(file, 'read', { followLink: true }))
  try {
    const read = (buffer: Buffer, at: number) => onDisk(file, () => readSync(descriptor, buffer, 0, buffer.length, at))
    yield* linesOf(file, { read }, signal)
  } finally {
    closeSync(descriptor)
  }
}

function isShard(value: unknown): value is Shard {
  const { index, count: shards } = (value ?? {}) as Partial<Shard>
  return typeof index === 'number' && typeof shards === 'number'
}

function ofAFleet(file: string): CrosstrailError {
  return new CrosstrailError('usage.not-a-journal', `${file} is a journal of a run with --fleet`, {
    hint: 'merge adds up the journals of shards; a run with --fleet has added up its slices itself, in the last line of the journal of its command',
    facts: { file },
  })
}

function notAJournal(file: string): CrosstrailError {
  return new CrosstrailError('usage.not-a-journal', `${file} is not a journal of crosstrail`, {
    hint: 'a run names its journal at its end: give these files, or the folders that hold them',
    facts: { file },
  })
}
