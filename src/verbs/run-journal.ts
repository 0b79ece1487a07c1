import { join } from 'node:path'
import type { Environment } from '../config/environment.ts'
import type { Trail } from '../trail/trail.ts'
import { Journal, type RunJournal, stoppedBy } from '../work/journal.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import type { Selection } from '../work/selection.ts'
import { journalFolder } from './journal-folder.ts'
import { runIdOf } from './run-head.ts'

/** The code of the note about records that a search could not read. */
export const unreadableRecord = 'events.unreadable-record'

/** A run that changes nothing, and needs a journal only to be added up with others. */
export interface JournalledRun {
  readonly verb: 'verify' | 'events'
  readonly selection: Selection
  /** What runs must have in common to be added up. No secrets. */
  readonly options: Readonly<Record<string, unknown>>
  /** Where the logs are: the trail, or folders. */
  readonly trail?: Trail | undefined
  readonly dirs: readonly string[]
  readonly journalDir: string | undefined
  /** If set, it is used instead of a file in a folder. */
  readonly journal?: RunJournal | undefined
  readonly env: Environment
  readonly nowMs: number
}

/**
 * Runs `act` with a listener that it must use. If a folder for the journal is named, or the run is one shard of several, its outcomes are in a
 * journal. Throws `usage.missing-option`, `disk.journal`, `disk.full`, and as `act`.
 */
export async function withJournal<R extends RunReport>(
  run: JournalledRun,
  listener: RunListener,
  act: (listener: RunListener, journal: RunJournal | undefined) => Promise<R>,
): Promise<R> {
  const journal = run.journal ?? openJournal(run)
  if (journal === undefined) return act(listener, undefined)
  let report: R
  try {
    report = await act((event) => {
      if (event.type === 'outcome') journal.add(event.outcome)
      if (event.type === 'note' && event.code === unreadableRecord) {
        journal.note({ type: 'finding', code: event.code, message: event.message })
      }
      listener(event)
    }, journal)
  } catch (error) {
    journal.abandon()
    throw error
  }
  journal.close(report.total, report.interrupted, stoppedBy(report))
  return { ...report, journalFile: journal.file }
}

function openJournal(run: JournalledRun): Journal | undefined {
  const { verb, selection, options, trail, dirs, journalDir, env, nowMs } = run
  if (journalDir === undefined && selection.shard === undefined) return undefined
  const runId = runIdOf(nowMs)
  return new Journal(join(journalFolder(journalDir, env), `${verb}-${runId}.ndjson`), {
    run: runId,
    verb,
    startedAt: new Date(nowMs).toISOString(),
    trail: trail && { bucket: trail.bucket, owner: trail.owner, region: trail.region, prefix: trail.prefix },
    dirs,
    selection,
    options,
  })
}
