import type { FleetSlice } from '../format.ts'
import type { FleetEvent, SliceEnd } from '../queue/report.ts'
import type { QueueCounts } from '../queue/slice-jobs.ts'

export type WorkerEvent =
  | Extract<FleetEvent, { readonly type: 'note' }>
  | { readonly type: 'slice-started'; readonly runId: string; readonly slice: FleetSlice }
  | { readonly type: 'slice-ended'; readonly runId: string; readonly slice: FleetSlice; readonly end: SliceEnd }
  /** It will be tried again, by this worker or another. */
  | {
      readonly type: 'slice-handed-back'
      readonly runId: string
      readonly slice: FleetSlice
      readonly code: string
      readonly message: string
    }
  /** Each few seconds: the whole queue, and what this worker has done. For metrics. */
  | { readonly type: 'counts'; readonly queue: QueueCounts; readonly worker: WorkerCounts }

export type WorkerListener = (event: WorkerEvent) => void

export interface WorkerCounts {
  /** Slices in work. */
  readonly active: number
  /** Slices whose result this worker stored. */
  readonly slices: number
  /** Of these, the slices with failures. */
  readonly bad: number
  readonly handedBack: number
  /** Objects, also of slices in work: done, skipped and failed. */
  readonly objects: number
  readonly bytes: number
}

export interface WorkerReport extends WorkerCounts {
  readonly worker: string
  readonly seconds: number
}
