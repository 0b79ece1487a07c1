import type { ErrorCode } from '../../../error.ts'
import type { DoctorFix, Side } from '../fix.ts'
import type { Facts, StepStatus } from '../step.ts'

export type SelfStepName =
  | 'crosstrail'
  | 'node'
  | 'system'
  | 'parts'
  | 'cores'
  | 'memory'
  | 'files'
  | 'clock'
  | 'proxy'
  | 'config'
  | 'environment'
  | 'folders'
  | 'terminal'

/** One check of this machine. It has no secret, and no name of an account, a role or a bucket, because it is for public bug reports. */
export interface SelfStep {
  readonly step: SelfStepName
  readonly status: StepStatus
  readonly message: string
  /** The code of the error that a command would end with. */
  readonly code?: ErrorCode | undefined
  readonly facts: Facts
  readonly fixes: readonly DoctorFix[]
}

/** A problem of a step, with what to do about it. */
export interface Trouble {
  readonly status: 'warning' | 'failed'
  readonly says: string
  readonly does: string
  readonly side?: Side
  readonly code?: ErrorCode | undefined
}

/** Returns a step that says `message`, or else its troubles after it. The worst trouble decides the status. */
export function stepOf(step: SelfStepName, message: string, facts: Facts, troubles: readonly Trouble[] = []): SelfStep {
  const worst = troubles.find(({ status }) => status === 'failed') ?? troubles[0]
  return {
    step,
    status: worst?.status ?? 'ok',
    message: [message, ...troubles.map(({ says }) => says)].join('; '),
    code: worst?.code,
    facts,
    fixes: troubles.map(({ does, side = 'machine' }) => ({ type: 'words', side, does })),
  }
}
