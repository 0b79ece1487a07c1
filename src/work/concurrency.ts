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
}

export const defaultConcurrency = 512
const mostListings = 64

/** More than the server, the disk and the other threads' waiting let use. */
const mostDefaultThreads = 4

/** A thread takes half a second of CPU to start and to get into its stride, as long as 3,000 small objects. With 4,000 nothing was won by it yet. */
const worthFrom = 5000

/** `threads`: as many as are asked for begin as soon as there is something for them to do; without it, as many as pay. */
export function shareConcurrency(concurrency: number, threads: number | undefined, cores: number): Concurrency {
  const count = Math.min(threads ?? Math.min(cores, mostDefaultThreads), concurrency)
  return {
    threads: count,
    threadsWorthFrom: threads === undefined ? worthFrom : undefined,
    calls: concurrency,
    callsPerThread: Math.floor(concurrency / count),
    listings: Math.min(mostListings, concurrency),
  }
}
