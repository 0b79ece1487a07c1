import type { Shard } from '../../trail/shard.ts'
import type { Tally } from '../../work/tally.ts'

/** One journal, and what its run did. */
export interface MergedJournal {
  readonly file: string
  readonly run: string
  readonly shard: Shard | undefined
  /** `unfinished`: it has no last line, because its run was killed or is still going on. */
  readonly state: 'finished' | 'interrupted' | 'unfinished'
  readonly tally: Tally
  /** The error code that stopped an account, by its label, and under `*` what stopped all. */
  readonly stopped: Readonly<Record<string, string>>
  /** How many findings it has of each code. */
  readonly findings: Readonly<Record<string, number>>
}

export interface MergeReport {
  readonly verb: string
  /** In the order of their shards. */
  readonly journals: readonly MergedJournal[]
  /** Files of earlier runs of the same shards, which do not count. */
  readonly superseded: readonly string[]
  /** The shards that have no journal. */
  readonly missing: readonly Shard[]
  readonly total: Tally
  readonly findings: Readonly<Record<string, number>>
}

/** A failure or finding of one of the runs, as its journal has it. */
export type MergedLine = Readonly<Record<string, unknown>>
