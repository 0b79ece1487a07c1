import { availableParallelism } from 'node:os'
import { type Concurrency, shareConcurrency } from '../work/concurrency.ts'
import type { CrosstrailOptions } from './crosstrail.ts'

/** How folders are read. */
export type FolderOptions = Pick<CrosstrailOptions, 'signal' | 'threads'>

/** How many threads read folders. */
export function folderShare({ threads = 1 }: Pick<FolderOptions, 'threads'>): Concurrency {
  return shareConcurrency({
    concurrency: undefined,
    threads: threads === 'auto' ? undefined : threads,
    cores: availableParallelism(),
    openFiles: undefined,
  })
}
