import { callsWithin, type OpenFiles } from './open-files.ts'

/** How a run's calls are shared out among its threads. */
export interface Concurrency {
  /** The run's own and those that help it. */
  readonly threads: number
  /** From how many objects on they are worth their start; undefined where that is not asked. */
  readonly threadsWorthFrom: number | undefined
  /** The ceiling of calls under way in all of them, 1 to 512. */
  readonly calls: number
  /** The same in one thread, once others help. */
  readonly callsPerThread: number
  /** Listings at a time, all in the run's own thread. */
  readonly listings: number
  /** Set if the limit on open files allows fewer calls at a time than were asked for: that limit. */
  readonly openFilesLimit: number | undefined
}

export const defaultConcurrency = 512
const mostListings = 64

/** More than the server, the disk and the other threads' waiting let use. */
const mostDefaultThreads = 4

/** A thread takes half a second of CPU to start and to get into its stride, as long as 3,000 small objects. With 4,000 nothing was won by it yet. */
const worthFrom = 5000

export interface ConcurrencyAsked {
  /** Undefined: the default. */
  readonly concurrency: number | undefined
  /** Those that are asked for begin as soon as there is something for them to do. Undefined: as many as pay. */
  readonly threads: number | undefined
  readonly cores: number
  /** Undefined: without a limit. */
  readonly openFiles: OpenFiles | undefined
}

/** Calls at a time are never more than the limit on open files has room for. */
export function shareConcurrency({ concurrency, threads, cores, openFiles }: ConcurrencyAsked): Concurrency {
  const asked = concurrency ?? defaultConcurrency
  const wanted = Math.min(threads ?? Math.min(cores, mostDefaultThreads), asked)
  const calls = openFiles === undefined ? asked : Math.min(asked, callsWithin(openFiles, wanted))
  const count = Math.min(wanted, calls)
  // Nobody misses a few of the default.
  const isMissed = calls < (concurrency ?? defaultConcurrency / 2)
  return {
    threads: count,
    threadsWorthFrom: threads === undefined ? worthFrom : undefined,
    calls,
    callsPerThread: Math.floor(calls / count),
    listings: Math.min(mostListings, calls),
    openFilesLimit: isMissed ? openFiles?.limit : undefined,
  }
}
