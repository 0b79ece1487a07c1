import { CrosstrailError } from '../../src/error.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { hourMs, minuteMs } from '../../src/trail/calendar.ts'
import { Coverage, type CoverageBody, coverageOf } from '../../src/verbs/pull/coverage.ts'
import type { PullReport } from '../../src/verbs/pull/report.ts'
import { type PullHost, type PullRunRequest, type PullTarget, runPull } from '../../src/verbs/pull/take-new.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import type { SourceSlice } from '../../src/work/source.ts'
import { inlineWorker, sourceWorker } from '../../src/work/inline-worker.ts'
import type { Journal } from '../../src/work/journal.ts'
import { parseKey } from '../../src/trail/key.ts'
import type { PullQueue } from '../../src/verbs/pull/queue/options.ts'
import type { SimulatedTrail } from './simulated-trail.ts'

export interface Weather {
  /** The probability that a call fails. */
  readonly faults: number
  /** The probability that a write to the disk fails. */
  readonly diskFaults: number
  /** The probability that a pull is told to stop early. */
  readonly stops: number
}

/** What a simulated queue needs of the pull that uses it. */
export interface SimulatedPull {
  /** Lets time pass. Rejects once the pull is killed. */
  readonly step: () => Promise<void>
  readonly isKilled: () => boolean
  /** Returns why a message about this log must not be deleted now. */
  readonly lossOf: (key: string) => string | undefined
}

/** Simulates a disk that loses unsynced data in a crash, and pulls that are killed after a number of awaits. */
export class SimulatedTarget {
  /** The keys on the disk after a crash, and how often each was taken. */
  readonly durable = new Map<string, number>()
  lastReport: PullReport | undefined
  #coverage: string | undefined
  /** The coverage on the disk, read once. */
  #read: { readonly body: string; readonly coverage: Coverage } | undefined
  readonly #trail: SimulatedTrail
  readonly #random: () => number

  constructor(trail: SimulatedTrail, random: () => number) {
    this.#trail = trail
    this.#random = random
  }

  get sinceMs(): number | undefined {
    return this.#coverage === undefined ? undefined : this.#open(this.#coverage).sinceMs
  }

  /** Runs one pull. `killedAfter`: at this await it stops for good, and only durable data remains. */
  async pull(
    request: PullRunRequest & { sinceMs: number },
    weather: Weather,
    killedAfter = Infinity,
    openQueue?: (pull: SimulatedPull) => PullQueue,
  ): Promise<void> {
    let steps = 0
    let isKilled = false
    const hanging: ((error: Error) => void)[] = []
    const stop = new AbortController()
    const stoppedAfter = this.#random() < weather.stops ? Math.floor(this.#random() * 80) : Infinity
    let killed: () => void = () => undefined
    const death = new Promise<void>((resolve) => (killed = resolve))
    const step = async (): Promise<void> => {
      if (++steps >= killedAfter) {
        if (isKilled) throw new Error('killed')
        killed()
        await new Promise((_, reject) => hanging.push(reject))
      }
      if (steps >= stoppedAfter) stop.abort()
      await Promise.resolve()
      this.#trail.advance(this.#random() * 2 * minuteMs)
      if (this.#random() < 0.05) this.#trail.rush()
    }
    const fault = (likely: number, error: () => CrosstrailError): void => {
      if (this.#random() < likely) throw error()
    }
    const written = new Map<string, number>()
    const takenNow = new Set<string>()
    const sink: Sink = {
      take: (object, account) => async () => {
        await step()
        fault(weather.faults, () => new CrosstrailError('object.corrupt', 'a wrong byte'))
        written.set(object.key, (written.get(object.key) ?? 0) + 1)
        takenNow.add(object.key)
        await step()
        return { status: 'done', account, object, bytes: object.sizeBytes }
      },
      flush: async () => {
        const syncing = [...written]
        written.clear()
        await step()
        fault(weather.diskFaults, () => new CrosstrailError('disk.full', 'no space left'))
        for (const [key, count] of syncing) this.durable.set(key, (this.durable.get(key) ?? 0) + count)
        await step()
        return undefined
      },
      close: () => Promise.resolve(),
    }
    const target: PullTarget = {
      coverage: this.#coverage === undefined ? new Coverage(trailName, request.sinceMs) : this.#open(this.#coverage),
      firstRun: this.#coverage === undefined,
      objectsPerCommit: 1 + Math.floor(this.#random() * 8),
      save: async (body) => {
        await step()
        fault(weather.diskFaults, () => new CrosstrailError('disk.full', 'no space left'))
        this.#coverage = body
        await step()
      },
      job: { verb: 'pull', sink: { type: 'folder', decompress: false, maxInflatedBytes: 0 }, root: '', lookBackMs: 0 },
      openSink: () => sink,
      keepListed: () => () => undefined,
      journal: () => silentJournal,
    }
    const listing = {
      listPage: async (asked: Parameters<SimulatedTrail['list']>[0]) => {
        await step()
        fault(weather.faults, () => new CrosstrailError('network.broken', 'the connection was reset'))
        const page = this.#trail.list(asked)
        await step()
        return page
      },
      find: async (key: string) => {
        await step()
        fault(weather.faults, () => new CrosstrailError('network.broken', 'the connection was reset'))
        const { objects, answeredAtMs } = this.#trail.list({ prefix: key })
        await step()
        const object = objects.find((each) => each.key === key)
        return object && { object, answeredAtMs }
      },
      get: () => Promise.reject(new Error('the simulated sink reads nothing')),
    }
    const host: PullHost<typeof listing> = {
      layout: { prefix: '' },
      accounts: [{ label: 'Z', id: '444444444444' as AccountId, reads: 'all' }],
      openBucket: () => step().then(() => listing),
      startWorker: (frame, job, open) =>
        inlineWorker<typeof listing>({
          ...frame,
          action: open(job, frame),
          bucketOf: () => listing,
          filter: () => true,
          listings: 2,
          maxTasks: 4,
          nowMs: () => 0,
        }),
      startQueueWorker: (frame, job, open, source) =>
        sourceWorker<typeof listing, SourceSlice>({
          ...frame,
          source,
          action: open(job, frame),
          listings: 1,
          maxTasks: 4,
        }),
      listener: () => undefined,
      signal: stop.signal,
    }
    const lossOf = (key: string) => {
      const { lastModifiedMs } = this.#trail.objects.get(key) ?? {}
      if (lastModifiedMs === undefined) return 'the bucket does not have it'
      const isOld = Math.max(lastModifiedMs, this.#trail.stamps.get(key) ?? 0) < target.coverage.sinceMs
      if (!this.durable.has(key) && !isOld) return 'it is not durable'
      return takenNow.has(key) && !this.#isCovered(key) ? 'the coverage on the disk does not name it' : undefined
    }
    const queue = openQueue?.({ step, isKilled: () => isKilled, lossOf })
    const ran = runPull({ ...request, queue }, host, target).then((report) => void (this.lastReport = report))
    await Promise.race([ran, death]).catch((error: unknown) => {
      // A full disk can end the pull before it starts.
      if (!(error instanceof CrosstrailError)) throw error
    })
    if (steps >= killedAfter && openQueue !== undefined) {
      // A pull that listens has timers, which would run on.
      isKilled = true
      for (const reject of hanging) reject(new Error('killed'))
      await ran.catch(() => undefined)
    }
    this.#trail.advance(this.#random() * 6 * hourMs)
  }

  #isCovered(key: string): boolean {
    const parts = parseKey(key, { prefix: '' })
    if (this.#coverage === undefined || parts === undefined) return false
    if (this.#read?.body !== this.#coverage) this.#read = { body: this.#coverage, coverage: this.#open(this.#coverage) }
    const stream = this.#read.coverage.find(parts)
    return stream?.seen.has(key.slice(stream.prefix.length)) === true
  }

  #open(body: string): Coverage {
    const coverage = coverageOf(JSON.parse(body) as CoverageBody, trailName)
    if (coverage === undefined) throw new Error('there is no coverage')
    return coverage
  }
}

const trailName = { bucket: 'logs', prefix: '' }

const silentJournal = { add: () => undefined, close: () => undefined, abandon: () => undefined } as unknown as Journal
