import type { ErrorCode } from '../../error.ts'
import type { DoctorFix, Side } from './fix.ts'

export const stepNames = [
  'config',
  'credentials',
  'clock',
  'caller',
  'hop',
  'role',
  'bucket',
  'settings',
  'announces',
  'queue',
  'sender',
  'list',
  'others',
  'buckets',
  'read',
  'kms',
  'tagging',
  'put',
  'delete',
  'keys',
  'fresh',
  'validation',
] as const

export type StepName = (typeof stepNames)[number]

/** `skipped`: the result is not known or not available, and nothing is wrong. A `warning` does not stop access. */
export type StepStatus = 'ok' | 'warning' | 'failed' | 'skipped'

export type Facts = Readonly<Record<string, string | number | boolean | undefined>>

export type StepCode =
  | ErrorCode
  | 'trail.stale'
  | 'trail.no-digests'
  | 'trail.not-announced'
  | 'queue.no-sender'
  | 'queue.no-dead-letters'
  | 'queue.few-receives'
  | 'queue.short-retention'
  | 'queue.aws-key'

export interface DoctorStep {
  readonly account: string
  readonly step: StepName
  readonly status: StepStatus
  /** The result in one line, with secrets masked. */
  readonly message: string
  readonly code?: StepCode | undefined
  /** The request that failed, and its answer. */
  readonly tried?: string | undefined
  readonly answer?: string | undefined
  readonly facts: Facts
  readonly fixes: readonly DoctorFix[]
}

/** Returns who must change something. Empty if nobody must. */
export function sidesOf({ fixes }: Pick<DoctorStep, 'fixes'>): readonly Side[] {
  return [...new Set(fixes.map(({ side }) => side))]
}
