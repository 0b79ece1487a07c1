import type { CrosstrailOptions } from '../../app/crosstrail.ts'
import type { FlatError } from '../../work/thread-protocol.ts'
import type { FleetRequest, FleetSlice, SlicePlace, SliceResult } from '../format.ts'

/** The input of the thread that runs slices. Plain data. Secrets are in the config and the environment, which it reads itself. */
export interface SliceThreadJob {
  readonly worker: string
  readonly journalDir: string | undefined
  readonly appOptions: WorkerAppOptions
  /** Whether `rate` messages say how many calls it may make. */
  readonly limitsCalls?: boolean | undefined
}

export type WorkerAppOptions = Omit<CrosstrailOptions, 'signal' | 'askMfaCode' | 'env' | 'mostCallsPerSecond'>

export type ToSliceThread =
  | {
      readonly type: 'run'
      readonly id: number
      readonly runId: string
      readonly request: FleetRequest
      readonly slice: FleetSlice
    }
  | { readonly type: 'stop'; readonly id: number }
  /** The share of this worker in the calls of all. */
  | { readonly type: 'rate'; readonly callsPerSecond: number }
  | { readonly type: 'close' }

export type FromSliceThread =
  | { readonly type: 'ready'; readonly places: readonly SlicePlace[] }
  | { readonly type: 'cannot-start'; readonly error: FlatError }
  | { readonly type: 'progress'; readonly id: number; readonly objects: number; readonly bytes: number }
  /** The load that its calls are, for each slice in work. */
  | { readonly type: 'load'; readonly ofSlice: number }
  | SliceNote
  | { readonly type: 'ended'; readonly id: number; readonly result: SliceResult }
  | { readonly type: 'failed'; readonly id: number; readonly error: FlatError }
  | { readonly type: 'closed' }

export interface SliceNote {
  readonly type: 'note'
  readonly level: 'info' | 'warning'
  readonly code: string
  readonly message: string
}
