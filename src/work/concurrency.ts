import { callsWithin, type OpenFiles } from './open-files.ts'

/** How a run's calls are divided among its threads. */
export interface Concurrency {
  /** The run's own thread and its helpers. */
  readonly threads: number
  /** Helpers start only from this many objects on. Undefined: regardless of the number. */
  readonly threadsWorthFrom: number | undefined
  /** Maximum number of concurrent calls in all threads, 1 to 512. */
  readonly calls: number
  /** The maximum in one thread, once helpers run. */
  readonly callsPerThread: number
  /** Listings at a time, all in the run's own thread. */
  readonly listings: number
  /** Set if the limit on open files allows fewer calls at a time than were asked for: that limit. */
  readonly openFilesLimit: number | undefined
}

export const defaultConcurrency = 512
const mostListings = 64

/** More threads do not help: the server, the disk and waiting among threads are then the limit. */
const mostDefaultThreads = 4

/** A thread takes half a second of CPU until it is at full speed, as much as 3,000 small objects. With 4,000 objects it did not pay yet. */
const worthFrom = 5000

export interface ConcurrencyAsked {
  /** Undefined: the default. */
  readonly concurrency: number | undefined
  /** Threads that are asked for start as soon as they have work. Undefined: as many as pay. */
  readonly threads: number | undefined
  readonly cores: number
  /** Undefined: no limit. */
  readonly openFiles: OpenFiles | undefined
}

/** Divides the calls among threads. Calls at a time never exceed what the limit on open files allows. */
export function shareConcurrency({ concurrency, threads, cores, openFiles }: ConcurrencyAsked): Concurrency {
  const asked = concurrency ?? defaultConcurrency
  const wanted = Math.min(threads ?? Math.min(cores, mostDefaultThreads), asked)
  const calls = openFiles === undefined ? asked : Math.min(asked, callsWithin(openFiles, wanted))
  const count = Math.min(wanted, calls)
  // It does not matter if the default is slightly reduced.
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
