import type { FleetRequest, FleetSlice } from '../format.ts'
import type { FleetConnection } from './fleet-connection.ts'
import { groups, groupSize } from './groups.ts'
import { leaseKey, roundKeys, runKey, runsKey } from './keys.ts'
import { isBad, type RunState, type SliceEnd, type WorkerNote } from './report.ts'
import { cancelRun, dropLease, expireRun, holdLease, publishRun, startRun, storeResult } from './scripts.ts'

/** A run as Redis has it. */
export interface StoredRun {
  readonly runId: string
  /** Differs for each submission of the same run. */
  readonly round: string
  readonly format: number
  readonly state: RunState
  readonly request: FleetRequest
  readonly slices: number
  readonly submitter: string
  readonly submittedAtMs: number
  readonly finishedAtMs: number | undefined
  readonly bad: number
  readonly counts: RunCounts
  readonly unplanned: Readonly<Record<string, string>>
}

export interface RunCounts {
  readonly done: number
  readonly doneBytes: number
  readonly skipped: number
  readonly failed: number
}

/** `gone`: the run was removed or submitted anew. `present`: the slice had a result. `finished`: it was the last of the run. */
export type StoreAnswer = 'stored' | 'present' | 'finished' | 'gone'

/** What a submitter stores of a run. */
export type NewRun = Omit<StoredRun, 'finishedAtMs' | 'state'>

export type RoundId = Pick<StoredRun, 'runId' | 'round'>

/** A submitter that has not renewed its lease for this long counts as dead. */
const leaseMs = 15_000
/** An ended run that nobody looks at is forgotten after this time. */
export const keptMs = 7 * 24 * 60 * 60_000
const mostNotes = 200
/** The lines of all results of a run together. Beyond it, lines are only in the journals of workers. */
const mostLineBytes = 32 * 1024 * 1024

/** The hashes and lists of runs. BullMQ's own keys are not touched here. */
export class RunStore {
  readonly #connection: FleetConnection

  constructor(connection: FleetConnection) {
    this.#connection = connection
  }

  async read(runId: string): Promise<StoredRun | undefined> {
    const fields = await this.#ask((redis) => redis.hgetall(runKey(runId)))
    return fields['round'] === undefined ? undefined : runOf(runId, fields)
  }

  /** Returns the ids of all runs, newest first. */
  async list(): Promise<string[]> {
    return this.#ask((redis) => redis.zrevrange(runsKey, '0', '-1'))
  }

  /** Forgets the name of a run whose keys have expired. */
  async unlist(runId: string): Promise<void> {
    await this.#ask((redis) => redis.zrem(runsKey, runId))
  }

  async stateOf(runId: string): Promise<{ readonly state: RunState; readonly round: string } | undefined> {
    const [state, round] = await this.#ask((redis) => redis.hmget(runKey(runId), 'state', 'round'))
    return state == null || round == null ? undefined : { state: state as RunState, round }
  }

  /** Takes or keeps the lease of a run. Resolves to false if another submitter holds it. */
  async hold(runId: string, holder: string): Promise<boolean> {
    return (await this.#run(holdLease, [leaseKey(runId)], [holder, leaseMs])) === 1
  }

  async letGo(runId: string, holder: string): Promise<void> {
    await this.#run(dropLease, [leaseKey(runId)], [holder])
  }

  /** Stores the slices of a round that is not published yet. They expire if it never is. */
  async addSlices({ runId, round }: RoundId, slices: readonly FleetSlice[]): Promise<void> {
    const key = roundKeys(runId, round).slices
    for (const group of groups(slices)) {
      const fields = group.flatMap((slice) => [slice.id, JSON.stringify(slice)])
      await this.#connection.askAll((change) => change.hset(key, ...fields).pexpire(key, keptMs))
    }
  }

  /** Takes over the slices of another round, and those of its results that are good. Returns their counts. */
  async copyRound(runId: string, from: string, to: string): Promise<RunCounts> {
    const [old, fresh] = [roundKeys(runId, from), roundKeys(runId, to)]
    await this.#ask((redis) => redis.copy(old.slices, fresh.slices, 'REPLACE'))
    let counts: RunCounts = { done: 0, doneBytes: 0, skipped: 0, failed: 0 }
    for (const group of groups(await this.#ask((redis) => redis.lrange(old.order, 0, -1)))) {
      const found = await this.#ask((redis) => redis.hmget(old.results, ...group))
      const good = group.flatMap((id, index) => {
        const end = endOf(found[index])
        return end === undefined || isBad(end) ? [] : [{ id, end }]
      })
      if (good.length === 0) continue
      const fields = good.flatMap(({ id, end }) => [id, JSON.stringify(end)])
      const ids = good.map(({ id }) => id)
      await this.#connection.askAll((change) =>
        change
          .hset(fresh.results, ...fields)
          .rpush(fresh.order, ...ids)
          .pexpire(fresh.results, keptMs)
          .pexpire(fresh.order, keptMs),
      )
      for (const { end } of good) counts = added(counts, countsOf(end))
    }
    return counts
  }

  /** Replaces the run by a new round, which is `submitting`. Resolves to false if the lease was lost. */
  async publish(run: NewRun, holder: string): Promise<boolean> {
    const { runId, round, format, request, slices, submitter, submittedAtMs, bad, counts, unplanned } = run
    const fields = {
      round,
      format,
      state: 'submitting',
      request: JSON.stringify(request),
      slices,
      submitter,
      submittedAtMs,
      bad,
      ...counts,
      unplanned: JSON.stringify(unplanned),
    }
    const keys = [leaseKey(runId), runKey(runId), runsKey, ...Object.values(roundKeys(runId, round))]
    const values = [holder, runId, submittedAtMs, ...Object.entries(fields).flat()]
    return (await this.#run(publishRun, keys, values)) === 1
  }

  /** Marks a run whose jobs were all added. */
  async start({ runId, round }: RoundId, nowMs: number): Promise<RunState | 'gone'> {
    const keys = [runKey(runId), roundKeys(runId, round).results]
    return (await this.#run(startRun, keys, [round, nowMs])) as RunState | 'gone'
  }

  async cancel(runId: string, nowMs: number): Promise<RunState | 'gone'> {
    return (await this.#run(cancelRun, [runKey(runId)], [nowMs])) as RunState | 'gone'
  }

  /** Stores a result. If the slice has one already, nothing changes. */
  async addResult({ runId, round }: RoundId, sliceId: string, end: SliceEnd, nowMs: number): Promise<StoreAnswer> {
    const { results, order } = roundKeys(runId, round)
    const { lines, omittedLines } = end
    const lineBytes = lines.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(lines))
    const short =
      lineBytes === 0 ? '' : JSON.stringify({ ...end, lines: [], omittedLines: omittedLines + lines.length })
    const counts = Object.entries(countsOf(end)).flat()
    const limit = [lineBytes, mostLineBytes, short]
    const values = [round, sliceId, JSON.stringify(end), isBad(end) ? 1 : 0, nowMs, ...limit, ...counts]
    return (await this.#run(storeResult, [runKey(runId), results, order], values)) as StoreAnswer
  }

  async hasResult({ runId, round }: RoundId, sliceId: string): Promise<boolean> {
    return (await this.#ask((redis) => redis.hexists(roundKeys(runId, round).results, sliceId))) === 1
  }

  async countResults({ runId, round }: RoundId): Promise<number> {
    return this.#ask((redis) => redis.hlen(roundKeys(runId, round).results))
  }

  /** Returns up to 500 results after the first `from` ones, in the order in which they were stored, and how many were read. */
  async resultsFrom(
    { runId, round }: RoundId,
    from: number,
  ): Promise<{ readonly read: number; readonly found: readonly { slice: FleetSlice; end: SliceEnd }[] }> {
    const { slices, results, order } = roundKeys(runId, round)
    const ids = await this.#ask((redis) => redis.lrange(order, from, from + groupSize - 1))
    if (ids.length === 0) return { read: 0, found: [] }
    const [ends, places] = await this.#ask((redis) =>
      Promise.all([redis.hmget(results, ...ids), redis.hmget(slices, ...ids)]),
    )
    const found = ids.flatMap((_, index) => {
      const [end, place] = [endOf(ends[index]), places[index]]
      return end === undefined || place == null ? [] : [{ slice: JSON.parse(place) as FleetSlice, end }]
    })
    return { read: ids.length, found }
  }

  /** Returns the ids of all slices of a run, and of those that have no result. */
  async sliceIds({ runId, round }: RoundId): Promise<{ all: string[]; open: string[] }> {
    const { slices, results } = roundKeys(runId, round)
    const [all, ended] = await this.#ask((redis) => Promise.all([redis.hkeys(slices), redis.hkeys(results)]))
    const have = new Set(ended)
    return { all, open: all.filter((id) => !have.has(id)) }
  }

  async slices({ runId, round }: RoundId, ids: readonly string[]): Promise<FleetSlice[]> {
    if (ids.length === 0) return []
    const found = await this.#ask((redis) => redis.hmget(roundKeys(runId, round).slices, ...ids))
    return found.flatMap((text) => (text === null ? [] : [JSON.parse(text) as FleetSlice]))
  }

  /** Adds a note unless there is the same one. */
  async addNote({ runId, round }: RoundId, note: WorkerNote): Promise<void> {
    const key = roundKeys(runId, round).notes
    if ((await this.#ask((redis) => redis.hlen(key))) >= mostNotes) return
    const text = JSON.stringify(note)
    await this.#connection.askAll((change) =>
      change.hsetnx(key, `${note.code} ${note.message}`, text).pexpire(key, keptMs),
    )
  }

  async notes({ runId, round }: RoundId): Promise<WorkerNote[]> {
    const found = await this.#ask((redis) => redis.hvals(roundKeys(runId, round).notes))
    return found.map((text) => JSON.parse(text) as WorkerNote)
  }

  /** Removes what an earlier round stored. */
  async removeRound({ runId, round }: RoundId): Promise<void> {
    await this.#ask((redis) => redis.unlink(Object.values(roundKeys(runId, round))))
  }

  /** Forgets an ended run after this time, unless it is submitted or retried. */
  async expire({ runId, round }: RoundId, afterMs: number): Promise<void> {
    const keys = [runKey(runId), ...Object.values(roundKeys(runId, round))]
    await this.#run(expireRun, keys, [round, afterMs])
  }

  #run(script: string, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    return this.#ask((redis) => redis.eval(script, keys.length, ...keys, ...values))
  }

  #ask<T>(commands: Parameters<typeof FleetConnection.prototype.ask<T>>[0]): Promise<T> {
    return this.#connection.ask(commands)
  }
}

function runOf(runId: string, fields: Readonly<Record<string, string>>): StoredRun {
  const count = (name: string): number => Number(fields[name] ?? 0)
  return {
    runId,
    round: fields['round'] ?? '',
    format: count('format'),
    state: (fields['state'] ?? 'submitting') as RunState,
    request: JSON.parse(fields['request'] ?? '{}') as FleetRequest,
    slices: count('slices'),
    submitter: fields['submitter'] ?? '',
    submittedAtMs: count('submittedAtMs'),
    finishedAtMs: fields['finishedAtMs'] === undefined ? undefined : count('finishedAtMs'),
    bad: count('bad'),
    counts: { done: count('done'), doneBytes: count('doneBytes'), skipped: count('skipped'), failed: count('failed') },
    unplanned: JSON.parse(fields['unplanned'] ?? '{}') as Readonly<Record<string, string>>,
  }
}

function endOf(text: string | null | undefined): SliceEnd | undefined {
  return text == null ? undefined : (JSON.parse(text) as SliceEnd)
}

function countsOf({ tally }: SliceEnd): RunCounts {
  const { done, doneBytes, failed } = tally
  const skipped = Object.values(tally.skipped).reduce((sum, count) => sum + count, 0)
  return { done, doneBytes, skipped, failed }
}

function added(one: RunCounts, other: RunCounts): RunCounts {
  return {
    done: one.done + other.done,
    doneBytes: one.doneBytes + other.doneBytes,
    skipped: one.skipped + other.skipped,
    failed: one.failed + other.failed,
  }
}
