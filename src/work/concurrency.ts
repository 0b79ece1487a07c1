/** How a run's calls are shared out among its threads. */
export interface Concurrency {
  /** Working threads; 0 runs everything in the run's own. */
  readonly threads: number
  /** The ceiling of calls under way in one thread, 1 to 512. */
  readonly callsPerThread: number
  /** Listings at a time in one thread. */
  readonly listingsPerThread: number
}

export const defaultConcurrency = 256
const mostListings = 64

export function shareConcurrency(concurrency: number, threads: number): Concurrency {
  const workers = Math.max(1, Math.min(threads, concurrency))
  const callsPerThread = Math.max(1, Math.floor(concurrency / workers))
  return {
    threads: Math.min(threads, concurrency),
    callsPerThread,
    listingsPerThread: Math.max(1, Math.min(Math.ceil(mostListings / workers), callsPerThread)),
  }
}
