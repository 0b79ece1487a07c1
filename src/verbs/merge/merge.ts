import type { Shard } from '../../trail/shard.ts'
import { CrosstrailError } from '../../error.ts'
import { addTallies } from '../../work/tally.ts'
import { type JournalFile, readHead, readJournal } from './journal-file.ts'
import { journalFiles } from './journal-files.ts'
import type { MergedLine, MergeReport } from './report.ts'

export interface MergeOptions {
  /** Journals, and folders of journals. */
  readonly files: readonly string[]
  /** Called with each failure and finding. */
  readonly onLine?: ((line: MergedLine) => void) | undefined
  /** While it returns a promise, reading waits. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
  /** If aborted, it rejects with `interrupted`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Adds up the journals of the shards of one run. If a shard has several journals, because it was run again, the newest that is finished counts.
 * Throws `usage.not-a-journal`, `usage.journals-differ` if they are not of the same command, `disk.…` and `interrupted`.
 */
export async function mergeJournals({
  signal = new AbortController().signal,
  ...options
}: MergeOptions): Promise<MergeReport> {
  const heads: JournalFile[] = []
  for (const file of journalFiles(options.files)) heads.push(await readHead(file, signal))
  const [first] = heads
  if (first === undefined) {
    throw new CrosstrailError('usage.not-a-journal', `there is no journal in ${options.files.join(', ')}`, {
      hint: 'name the journals, or the folders that hold them',
    })
  }
  refuseDifferent(first, heads)
  const chosen = chooseNewest(heads)
  const journals = []
  for (const journal of chosen) journals.push(await readJournal(journal, { ...options, signal }))
  return {
    verb: first.verb,
    journals,
    superseded: heads.filter((head) => !chosen.includes(head)).map(({ file }) => file),
    missing: missingShards(chosen),
    total: addTallies(journals.map(({ tally }) => tally)),
    findings: sumOf(journals.map(({ findings }) => findings)),
  }
}

function refuseDifferent(first: JournalFile, others: readonly JournalFile[]): void {
  for (const other of others) {
    const what = Object.keys(first.command).find((name) => first.command[name] !== other.command[name])
    const isAlike = what === undefined && first.shard?.count === other.shard?.count
    if (isAlike) continue
    const differs = what ?? 'number of shards'
    throw new CrosstrailError(
      'usage.journals-differ',
      `${first.file} and ${other.file} are journals of different commands: they differ in the ${differs}`,
      { hint: 'merge the journals of the shards of one command', facts: { file: other.file, differs } },
    )
  }
}

/** Returns a journal for each shard, in the order of the shards. Without shards, all journals count. */
function chooseNewest(heads: readonly JournalFile[]): readonly JournalFile[] {
  const best = new Map<number | string, JournalFile>()
  for (const head of heads) {
    const known = best.get(head.shard?.index ?? head.run)
    if (known === undefined || isBetter(head, known)) best.set(head.shard?.index ?? head.run, head)
  }
  return [...best.values()].toSorted((a, b) => (a.shard?.index ?? 0) - (b.shard?.index ?? 0))
}

/** A run that was killed did less than the one before it. */
function isBetter(one: JournalFile, other: JournalFile): boolean {
  if (one.isFinished !== other.isFinished) return one.isFinished
  return one.run > other.run
}

function missingShards(chosen: readonly JournalFile[]): Shard[] {
  const count = chosen[0]?.shard?.count ?? 0
  const present = new Set(chosen.map(({ shard }) => shard?.index))
  return Array.from({ length: count }, (_, index) => ({ index, count })).filter(({ index }) => !present.has(index))
}

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const [code, count] of counts.flatMap((each) => Object.entries(each))) sum[code] = (sum[code] ?? 0) + count
  return sum
}
