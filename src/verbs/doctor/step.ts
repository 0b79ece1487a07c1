import type { ErrorCode } from '../../error.ts'
import type { DoctorFix, Side } from './fix.ts'

/** The steps of the way in, in their order. */
export const stepNames = [
  'config',
  'credentials',
  'clock',
  'caller',
  'hop',
  'role',
  'bucket',
  'settings',
  'list',
  'others',
  'buckets',
  'read',
  'kms',
  'tagging',
  'put',
  'delete',
  'fresh',
  'validation',
] as const

export type StepName = (typeof stepNames)[number]

/** `skipped`: not known, or not to be had; no fault of anybody's. A `warning` keeps nobody out. */
export type StepStatus = 'ok' | 'warning' | 'failed' | 'skipped'

export type Facts = Readonly<Record<string, string | number | boolean | undefined>>

/** The error's code, or what is wrong with the trail. */
export type StepCode = ErrorCode | 'trail.stale' | 'trail.no-digests'

export interface DoctorStep {
  readonly account: string
  readonly step: StepName
  readonly status: StepStatus
  /** What was found, as one line. Never a secret. */
  readonly message: string
  /** Of a failure or a warning. */
  readonly code?: StepCode | undefined
  /** Of a failure: what was asked, and what came back. */
  readonly tried?: string | undefined
  readonly answer?: string | undefined
  readonly facts: Facts
  readonly fixes: readonly DoctorFix[]
}

/** Who must change something. Empty where nobody must. */
export function sidesOf({ fixes }: Pick<DoctorStep, 'fixes'>): readonly Side[] {
  return [...new Set(fixes.map(({ side }) => side))]
}
