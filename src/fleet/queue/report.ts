import type { Tally } from '../../work/tally.ts'
import type { FleetRequest, FleetSlice, SliceResult } from '../format.ts'

/** `submitting`: slices are still being added. */
export type RunState = 'submitting' | 'running' | 'finished' | 'cancelled'

/** The result of a slice. If it could not be run, its tally is empty and `error` says why. */
export interface SliceEnd extends SliceResult {
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

/** What Redis knows of a run, without looking at each slice. */
export interface RunStatus {
  readonly runId: string
  readonly state: RunState
  readonly request: FleetRequest
  /** The label or name of who submitted it. */
  readonly submitter: string
  readonly submittedAtMs: number
  readonly finishedAtMs: number | undefined
  readonly slices: number
  /** Slices that have a result. */
  readonly ended: number
  /** Of these, the slices with failures. */
  readonly bad: number
  /** Slices that workers have in work. */
  readonly active: number
  /** Counts of the objects of slices that have ended. */
  readonly done: number
  readonly doneBytes: number
  readonly skipped: number
  readonly failed: number
  /** The same slices, and objects of slices in work. */
  readonly seenObjects: number
  readonly seenBytes: number
  /** Workers that are connected now. They may be busy with other runs. */
  readonly workers: number
  /** Accounts that could not be planned: the error code by label. */
  readonly unplanned: Readonly<Record<string, string>>
}

/** A worker could not take a slice, and handed it back. */
export interface WorkerNote {
  readonly worker: string
  readonly code: string
  readonly message: string
}

export type FleetEvent =
  | { readonly type: 'progress'; readonly status: RunStatus }
  /** A slice has ended. There is one event for each slice. */
  | { readonly type: 'slice'; readonly slice: FleetSlice; readonly end: SliceEnd }
  | { readonly type: 'worker-note'; readonly note: WorkerNote }
  | { readonly type: 'note'; readonly level: 'info' | 'warning'; readonly code: string; readonly message: string }

export type FleetListener = (event: FleetEvent) => void

export interface BadSlice {
  readonly slice: FleetSlice
  readonly end: SliceEnd
}

/** The result of a run, or of its part until now if `state` is not `finished`. */
export interface FleetReport {
  readonly runId: string
  readonly request: FleetRequest
  readonly state: RunState
  readonly slices: number
  readonly ended: number
  /** Slices that have ended with failures. */
  readonly bad: number
  readonly total: Tally
  /** How many findings there are of each code. */
  readonly findings: Readonly<Record<string, number>>
  /** The error code that stopped an account, by its label, and under `*` what stopped all. */
  readonly stopped: Readonly<Record<string, string>>
  /** Slices that could not be run: the first hundred. */
  readonly unrun: readonly BadSlice[]
  /** Failures and findings that only the journals of workers have. */
  readonly omittedLines: number
  /** The workers that ran slices. */
  readonly workers: readonly string[]
  readonly seconds: number
}

export function isBad({ tally, stopped, interrupted, error }: SliceEnd): boolean {
  return tally.failed > 0 || interrupted || error !== undefined || Object.keys(stopped).length > 0
}
