import { setTimeout as sleep } from 'node:timers/promises'
import { CrosstrailError } from '../../../error.ts'
import type { FoundObject } from '../../../s3/head-facts.ts'
import type { ObjectReader } from '../../../sinks/sink.ts'
import type { LogObject } from '../../../trail/log-object.ts'
import type { TrailLayout } from '../../../trail/trail.ts'
import { type Assignment, assignLogAccounts, type ReadingAccount } from '../../../work/assignment.ts'
import type { Outcome } from '../../../work/outcome.ts'
import type { Listing } from '../../../work/plan.ts'
import { runInBucket, type WorkerFrame } from '../../../work/run.ts'
import type { RunListener, RunReport } from '../../../work/run-event.ts'
import type { Selection } from '../../../work/selection.ts'
import type { SliceWorker } from '../../../work/slice-worker.ts'
import type { Source, SourceSlice } from '../../../work/source.ts'
import type { PullProgress } from '../coverage-progress.ts'
import type { Heard } from './heard.ts'
import { Inbox } from './inbox.ts'
import { MessageBook } from './message-book.ts'
import type { PullQueue } from './options.ts'
import { type PlacedKey, placer } from './place-announced.ts'

/** A bucket in which single objects can be looked up. */
export interface Finder {
  find(key: string, signal?: AbortSignal): Promise<FoundObject | undefined>
}

export interface Listening<B extends Listing & ObjectReader & Finder> {
  readonly queue: PullQueue
  readonly bucket: string
  readonly layout: TrailLayout
  readonly accounts: readonly ReadingAccount[]
  readonly selection: Selection
  readonly progress: PullProgress
  /** What the target has under a key, if its sink asks for that. */
  readonly twinOf: (placed: PlacedKey) => Promise<unknown>
  readonly openBucket: (assignment: Assignment) => Promise<B>
  readonly startWorker: (frame: WorkerFrame<B>, source: Source<SourceSlice>) => SliceWorker<SourceSlice>
  readonly listener: RunListener
  readonly signal: AbortSignal
}

/** Lookups at a time, for each account. */
const lookups = 64
const usualCommitPauseMs = 200
/** A commit writes the whole coverage. This may take one twentieth of the time. Syncing logs costs the same in any number of commits. */
const pausePerCost = 20
/** A timer cannot wait longer. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Takes what the queue announces until `forMs` is over, the feed is drained, or the signal is aborted. Deletes a message only after a commit of the
 * coverage that names all of its logs. Gives back the others that it did not finish.
 */
export async function listen<B extends Listing & ObjectReader & Finder>(
  listening: Listening<B>,
): Promise<{ readonly report: RunReport; readonly heard: Heard }> {
  const listener = new Listener(listening)
  return listener.run()
}

class Listener<B extends Listing & ObjectReader & Finder> {
  readonly #given: Listening<B>
  readonly #book = new MessageBook()
  readonly #inboxes: ReadonlyMap<string, Inbox<PlacedKey>>
  readonly #failed = new Set<string>()
  readonly #place: ReturnType<typeof placer>
  /** When each log that arrived was delivered. */
  readonly #delivered = new Map<string, number>()
  #frame: WorkerFrame<B> | undefined
  #heard: Heard = { taken: 0, delaySumMs: 0, longestDelayMs: 0, foreign: 0 }
  #error: CrosstrailError | undefined

  constructor(given: Listening<B>) {
    this.#given = given
    const assignments = assignLogAccounts(given.accounts, given.selection.logAccounts)
    this.#inboxes = new Map(assignments.map(({ account }) => [account, new Inbox()]))
    this.#place = placer({ ...given, assignments })
  }

  async run() {
    const { layout, accounts, selection, openBucket, signal } = this.#given
    const ended = new AbortController()
    const dispatching = this.#dispatch(ended.signal)
    const committing = this.#keepCommitting(ended.signal)
    try {
      const report = await runInBucket<B, SourceSlice>({
        layout,
        accounts,
        selection,
        named: { logAccounts: [], regions: [], kinds: [] },
        sorted: false,
        split: false,
        signal,
        openBucket,
        plan: ({ assignment }) => Promise.resolve(isIdle(assignment) ? [] : [{ account: assignment.account }]),
        listener: (event) => {
          if (event.type === 'account-failed') this.#fail(event.account)
          if (event.type === 'outcome') this.#outcome(event.outcome)
          this.#given.listener(event)
        },
        startWorker: (frame) => {
          this.#frame = frame
          frame.signal.addEventListener('abort', () => this.#drop(), { once: true })
          return this.#given.startWorker(frame, {
            plan: () => Promise.resolve([]),
            read: (...args) => this.#read(...args),
          })
        },
      })
      ended.abort()
      await dispatching
      await committing
      if (report.error === undefined) await this.#commit()
      return { report: { ...report, error: report.error ?? this.#error }, heard: this.#heard }
    } finally {
      ended.abort()
      this.#book.giveBack()
    }
  }

  /** Gives keys to their accounts until it is time to end. Then waits for the results of what it gave. */
  async #dispatch(ended: AbortSignal): Promise<void> {
    const { queue, signal } = this.#given
    // Not `AbortSignal.any` with `AbortSignal.timeout`: Node 20 may collect the latter as garbage, and a pull would then listen forever.
    const stop = new AbortController()
    const abort = () => stop.abort()
    const timer = setTimeout(abort, Math.min(Math.max(1, queue.forMs), longestTimerMs))
    for (const each of [signal, ended]) {
      each.addEventListener('abort', abort, { once: true })
      if (each.aborted) abort()
    }
    try {
      for (;;) {
        const messages = await queue.feed.next(stop.signal)
        if (messages.length === 0) break
        for (const message of messages) {
          const placed = message.objects.map((object) => this.#place(object))
          const known = placed.filter((one) => one !== undefined)
          const foreign = placed.length - known.length
          this.#heard = { ...this.#heard, foreign: this.#heard.foreign + foreign }
          const reason = foreign > 0 && queue.foreign === 'leave' ? 'foreign' : undefined
          const keys = new Map(known.map((one) => [one.key, one]))
          for (const key of this.#book.add(message, [...keys.keys()], reason)) this.#give(keys.get(key))
        }
      }
    } catch (error) {
      if (!(error instanceof CrosstrailError)) this.#frame?.onFatal(error)
      else this.#error = error
    } finally {
      clearTimeout(timer)
      for (const each of [signal, ended]) each.removeEventListener('abort', abort)
    }
    for (const inbox of this.#inboxes.values()) inbox.end()
  }

  #give(placed: PlacedKey | undefined): void {
    if (placed === undefined) return
    if (this.#failed.has(placed.account)) this.#book.left(placed.key, 'failed')
    else this.#inboxes.get(placed.account)?.push(placed)
  }

  /** An account that failed takes nothing more. */
  #fail(account: string): void {
    this.#failed.add(account)
    for (const { key } of this.#inboxes.get(account)?.drop() ?? []) this.#book.left(key, 'failed')
  }

  #drop(): void {
    for (const inbox of this.#inboxes.values()) inbox.drop()
  }

  async #read({ account }: SourceSlice, { take }: Parameters<Source<SourceSlice>['read']>[1]): Promise<void> {
    const inbox = this.#inboxes.get(account)
    const frame = this.#frame
    if (inbox === undefined || frame === undefined) throw new Error(`no inbox for ${account}`)
    const readOn = async (): Promise<void> => {
      for (let placed = await inbox.next(); placed !== undefined; placed = await inbox.next()) {
        const found = await this.#find(placed, frame)
        if (found !== undefined) await take({ objects: [found.object], twins: [found.twin] })
      }
    }
    await Promise.all(Array.from({ length: lookups }, readOn))
  }

  /** Looks up what a listing would say of a key. Returns undefined if there is nothing to take. */
  async #find(placed: PlacedKey, frame: WorkerFrame<B>): Promise<{ object: LogObject; twin: unknown } | undefined> {
    const { key, account, parts } = placed
    const { progress, queue, twinOf } = this.#given
    const { logAccount, region, kind, deliveredAtMs } = parts
    const name = { logAccount, region, kind, deliveredAtMs }
    if (progress.isSeen(parts, key)) {
      queue.ledger.announced(key, false)
      this.#book.arrived(key)
      return undefined
    }
    try {
      const found = await frame.bucketOf(account).find(key, frame.signal)
      if (found === undefined) {
        this.#book.left(key, 'absent')
        return undefined
      }
      progress.answered(found.answeredAtMs)
      this.#delivered.set(key, found.object.lastModifiedMs)
      return { object: { ...found.object, ...name }, twin: await twinOf(placed) }
    } catch (error) {
      if (!(error instanceof CrosstrailError)) throw error
      if (error.code === 'interrupted') return undefined
      if (error.code.startsWith('access.')) this.#refused(key, error, account, frame)
      else {
        const object = { key, sizeBytes: 0, etag: '', lastModifiedMs: deliveredAtMs, storageClass: 'STANDARD', ...name }
        frame.listener({ type: 'outcome', outcome: { status: 'failed', account, object, error } })
      }
      return undefined
    }
  }

  #refused(key: string, { code, message }: CrosstrailError, account: string, { listener }: WorkerFrame<B>): void {
    const { queue } = this.#given
    this.#heard = { ...this.#heard, foreign: this.#heard.foreign + 1 }
    listener({ type: 'note', level: 'warning', code, message, account })
    if (queue.foreign === 'ack') this.#book.covered([key])
    else this.#book.left(key, 'foreign')
  }

  #outcome(outcome: Outcome): void {
    const { key } = outcome.object
    const isTaken = outcome.status === 'done' || (outcome.status === 'skipped' && outcome.reason === 'present')
    const isCovered = outcome.status === 'skipped' && outcome.reason === 'covered'
    if (isTaken || isCovered) {
      this.#given.queue.ledger.announced(key, isTaken)
      if (!isTaken) this.#delivered.delete(key)
      this.#book.arrived(key)
    } else {
      this.#delivered.delete(key)
      this.#book.left(key, 'failed')
    }
  }

  async #keepCommitting(ended: AbortSignal): Promise<void> {
    const leastMs = this.#given.queue.commitEveryMs ?? usualCommitPauseMs
    let pauseMs = leastMs
    while (!ended.aborted) {
      await sleep(pauseMs, undefined, { signal: ended }).catch(() => undefined)
      try {
        await this.#commit()
      } catch {
        // The run ends with this error: a commit tells it.
        return
      }
      pauseMs = Math.max(leastMs, this.#given.progress.saveMs * pausePerCost)
    }
  }

  async #commit(): Promise<void> {
    const keys = this.#book.takeArrived()
    if (keys.length === 0) return
    await this.#given.progress.commit()
    const nowMs = Date.now()
    let { taken, delaySumMs, longestDelayMs } = this.#heard
    for (const key of keys) {
      const deliveredAtMs = this.#delivered.get(key)
      if (deliveredAtMs === undefined) continue
      this.#delivered.delete(key)
      const delayMs = Math.max(0, nowMs - deliveredAtMs)
      taken++
      delaySumMs += delayMs
      longestDelayMs = Math.max(longestDelayMs, delayMs)
    }
    this.#heard = { ...this.#heard, taken, delaySumMs, longestDelayMs }
    this.#book.covered(keys)
  }
}

function isIdle(assignment: Assignment): boolean {
  return 'logAccounts' in assignment && assignment.logAccounts.length === 0
}
