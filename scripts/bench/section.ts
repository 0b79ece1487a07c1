import type { Spread } from './statistics.ts'

/** The result of one row: a table, the targets, and the data of a chart. */
export interface Section {
  readonly head: readonly string[]
  readonly cells: readonly (readonly string[])[]
  readonly verdicts: readonly Verdict[]
  readonly bars?: readonly Bar[]
  /** Megabytes, by tool. */
  readonly peaks?: Readonly<Record<string, Spread>>
  readonly growth?: readonly GrowthPoint[]
}

export interface Verdict {
  readonly what: string
  readonly got: string
  readonly reached: boolean
}

export interface Bar {
  readonly name: string
  readonly wallSeconds: number
  readonly cpuSeconds: number
  /** The first entrant's wall time divided by this one's, in the same rounds. */
  readonly wallRatio: number
}

export interface GrowthPoint {
  readonly objects: number
  readonly microsecondsPerObject: number
  readonly peakMegabytes: number
}

/** Where a row runs, and how much of it. */
export interface Bench {
  readonly rounds: number
  /** Divides the sizes: 1, or 20 for a quick look. */
  readonly divisor: number
  /** Peers that are left out. */
  readonly without: readonly string[]
  /** A folder on tmpfs. */
  readonly memory: string
  /** A folder on disk. */
  readonly disk: string
  /** The `dist/bin.cjs` of another build of crosstrail that is measured instead of the other tools. */
  readonly against: string | undefined
}

export interface Row {
  readonly name: string
  readonly title: string
  readonly notes: readonly string[]
  /** The protocol of S3 and STS. Default: http. */
  readonly scheme?: 'https'
  /** True if the row does not run tools alternately, so it cannot measure two builds. */
  readonly isOwnOnly?: true
  run(bench: Bench): Promise<Section>
}
