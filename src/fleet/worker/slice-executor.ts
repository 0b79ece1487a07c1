import type { FleetRequest, FleetSlice, SlicePlace, SliceResult } from '../format.ts'

/** What runs slices: an app with its config, sessions and connections. */
export interface SliceExecutor {
  /** How the labels of its config resolve. */
  readonly places: ReadonlyMap<string, SlicePlace>
  /** If the signal is aborted, the result is `interrupted`. Rejects if the slice cannot be run. */
  run(
    runId: string,
    request: FleetRequest,
    slice: FleetSlice,
    signal: AbortSignal,
    onProgress: (objects: number, bytes: number) => void,
  ): Promise<SliceResult>
  /** The calls that one slice has under way or waiting, as a share of those that may be under way. Undefined if none ran yet. */
  readonly loadOfSlice?: number | undefined
  /** Sets how many calls it may make per second. */
  limitCalls?(callsPerSecond: number): void
  /** Aborted if it can run nothing more. Its reason is the error. */
  readonly broken: AbortSignal
  close(): Promise<void>
}
