import { createHash } from 'node:crypto'
import type { CrosstrailApp } from '../app/crosstrail.ts'
import { accountsByLabel } from '../config/account-labels.ts'
import type { Config } from '../config/config.ts'
import { hasCode } from '../error.ts'
import { stampOf } from '../trail/stamp.ts'
import type { Reach } from '../verbs/host.ts'
import { journalFolder } from '../verbs/journal-folder.ts'
import { assignLogAccounts } from '../work/assignment.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Selection } from '../work/selection.ts'
import { addTallies } from '../work/tally.ts'
import { verbOf } from './fleet-verbs.ts'
import type { FleetRequest, FleetSlice, SlicePlace, SliceResult } from './format.ts'
import { SliceJournal } from './slice-journal.ts'
import { WorkerJournals } from './worker-journals.ts'

export interface SliceTools {
  /** The name of this worker. */
  readonly worker: string
  /** The folder of its journals. Default: as for `copy`. */
  readonly journalDir: string | undefined
  /** Gets warnings and notes. */
  readonly listener?: RunListener | undefined
}

/**
 * Runs slices with the ordinary verbs. Several may run at a time: they share connections, pacing and sessions, and a session stays open for the
 * slices that follow.
 */
export class SliceRunner {
  readonly #app: CrosstrailApp
  readonly #tools: SliceTools
  #journals: WorkerJournals | undefined

  constructor(app: CrosstrailApp, tools: SliceTools) {
    this.#app = app
    this.#tools = tools
  }

  /**
   * Runs a slice. If the signal is aborted, it takes no new objects, finishes those in flight, and the result is `interrupted`. `onProgress` gets the
   * outcomes so far and their bytes, a few times in a second. Rejects if the verb cannot run at all, or if a dataset or the journal cannot be written.
   */
  async run(
    runId: string,
    request: FleetRequest,
    slice: FleetSlice,
    signal: AbortSignal,
    onProgress: (objects: number, bytes: number) => void,
  ): Promise<SliceResult> {
    const startedAt = performance.now()
    const isDry = request.options['dryRun'] === true
    const shared = isDry ? undefined : this.#openJournals().take(runId, request)
    try {
      const journal = new SliceJournal(slice.id, shared)
      const progress = new Progress(onProgress)
      const options = { ...request.options, selection: narrowed(request, slice), ...namesOf(runId, request, slice) }
      const listener: RunListener = (event) => {
        if (event.type === 'outcome') progress.add(event.outcome.status === 'done' ? event.outcome.bytes : 0)
        else if (event.type === 'note' || event.type === 'account-failed') this.#tools.listener?.(event)
      }
      const reach = reachOf(this.#app.config, request.selection)
      await this.#app.run(verbOf(request), options, listener, { signal, journal, reach }).catch((error: unknown) => {
        // Stopped where a run by itself would also end, such as while the session of the account that writes is opened.
        if (!signal.aborted || !hasCode(error, 'interrupted')) throw error
        journal.close(addTallies([]), true)
      })
      progress.tell()
      const seconds = (performance.now() - startedAt) / 1000
      return { worker: this.#tools.worker, ...journal.result(), seconds }
    } finally {
      if (shared !== undefined) this.#journals?.release(runId)
    }
  }

  /** Closes the journals. */
  close(): void {
    this.#journals?.close()
    this.#journals = undefined
  }

  #openJournals(): WorkerJournals {
    const { journalDir, worker } = this.#tools
    return (this.#journals ??= new WorkerJournals(journalFolder(journalDir, process.env), worker))
  }
}

/** Returns how a label resolves, and that of the account that writes if there is one. Undefined if the config does not have `label`. */
export function placeOf({ accounts, trail }: Config, label: string, writer?: string): SlicePlace | undefined {
  const account = accounts.find((each) => each.label === label)
  if (account === undefined) return undefined
  const { bucket, owner, prefix, organization } = trail
  const writerRole = accounts.find((each) => each.label === writer)?.role
  return {
    account: label,
    role: account.role,
    bucket,
    owner,
    prefix,
    ...(organization !== undefined && { organization }),
    ...(writerRole !== undefined && { writerRole }),
  }
}

function narrowed({ verb, selection }: FleetRequest, slice: FleetSlice): Selection {
  const { place, logAccount, region, kind, fromMs, toMs, isEmptyRun } = slice
  return {
    ...selection,
    accounts: [place.account],
    logAccounts: [logAccount],
    regions: region === undefined ? selection.regions : [region],
    kinds: kind === undefined ? selection.kinds : [kind],
    piece: verb === 'verify' && isEmptyRun === true ? undefined : { fromMs, toMs },
  }
}

/** Each attempt to run a slice writes files with the same names. The slices that write to one partition begin at different times, or have different kinds. */
function namesOf(runId: string, { verb }: FleetRequest, { fromMs }: FleetSlice) {
  if (verb !== 'events') return {}
  const random = createHash('sha256').update(runId).digest('hex').slice(0, 8)
  return { names: { stamp: `${stampOf(fromMs, 'second')}Z`, random } }
}

/** A session reaches what its account reads in the whole run, so that all slices can use it. */
function reachOf(config: Config, { accounts, logAccounts }: Selection): (account: string) => Reach {
  const assignments = assignLogAccounts(accountsByLabel(config, accounts), logAccounts)
  const reach = new Map<string, Reach>(
    assignments.map((each) => [each.account, 'logAccounts' in each ? each.logAccounts : 'all']),
  )
  return (account) => reach.get(account) ?? 'all'
}

const progressEveryMs = 250

/** Tells of progress now and then, because it may be sent to another machine. */
class Progress {
  readonly #onProgress: (objects: number, bytes: number) => void
  #objects = 0
  #bytes = 0
  #toldAtMs = 0

  constructor(onProgress: (objects: number, bytes: number) => void) {
    this.#onProgress = onProgress
  }

  add(bytes: number): void {
    this.#objects++
    this.#bytes += bytes
    if (performance.now() - this.#toldAtMs >= progressEveryMs) this.tell()
  }

  tell(): void {
    this.#toldAtMs = performance.now()
    this.#onProgress(this.#objects, this.#bytes)
  }
}
