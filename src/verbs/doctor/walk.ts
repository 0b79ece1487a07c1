import type { Account, Config } from '../../config/config.ts'
import { CrosstrailError } from '../../error.ts'
import { maskedForeignText, maskedText, maskedValues } from '../../secrets/masked-text.ts'
import type { DoctorFix } from './fix.ts'
import type { DoctorStep, Facts, StepCode, StepName, StepStatus } from './step.ts'

export interface StepSays {
  readonly code?: StepCode | undefined
  readonly tried?: string | undefined
  readonly answer?: string | undefined
  readonly facts?: Facts
  readonly fixes?: readonly DoctorFix[]
}

/** The check of one account: collects its steps and passes each to the listener, with secrets masked. */
export class Walk {
  readonly account: Account
  readonly trail: Config['trail']
  readonly signal: AbortSignal
  readonly nowMs: number
  readonly steps: DoctorStep[] = []
  readonly #listener: (step: DoctorStep) => void

  constructor(of: {
    readonly account: Account
    readonly trail: Config['trail']
    readonly signal: AbortSignal
    readonly nowMs: number
    readonly listener: (step: DoctorStep) => void
  }) {
    this.account = of.account
    this.trail = of.trail
    this.signal = of.signal
    this.nowMs = of.nowMs
    this.#listener = of.listener
  }

  ok(step: StepName, message: string, facts: Facts = {}): void {
    this.#tell(step, 'ok', message, { facts })
  }

  /** Reports a step whose result is not known or not available, although nothing is wrong. */
  skip(step: StepName, message: string, facts: Facts = {}, fixes: readonly DoctorFix[] = []): void {
    this.#tell(step, 'skipped', message, { facts, fixes })
  }

  warn(step: StepName, message: string, says: StepSays = {}): void {
    this.#tell(step, 'warning', message, says)
  }

  fail(step: StepName, message: string, says: StepSays): void {
    this.#tell(step, 'failed', message, says)
  }

  /** Reports a failure with the message and answer of its error. Throws the error again if it is `interrupted` or a bug. */
  failWith(step: StepName, error: unknown, says: StepSays): void {
    const known = knownError(error)
    const { status, serviceCode, awsCode, requestId } = known.facts
    const answer = says.answer ?? answerOf(known)
    this.fail(step, shortened(known), {
      code: known.code,
      ...says,
      answer,
      facts: { status, awsCode: serviceCode ?? awsCode, requestId, ...says.facts },
    })
  }

  get failed(): boolean {
    return this.steps.some(({ status }) => status === 'failed')
  }

  #tell(
    step: StepName,
    status: StepStatus,
    message: string,
    { code, tried, answer, facts = {}, fixes = [] }: StepSays,
  ): void {
    const told = {
      account: this.account.label,
      step,
      status,
      message: maskedText(message),
      code,
      tried,
      answer: answer === undefined ? undefined : maskedForeignText(answer),
      facts: maskedValues(facts),
      // This does not mask a policy's statement, because the owner must write the external ID there.
      fixes: fixes.map(maskedValues),
    }
    this.steps.push(told)
    this.#listener(told)
  }
}

/** Returns the error of a call that failed. Throws it again if the run was interrupted, or if it is a bug. */
export function knownError(error: unknown): CrosstrailError {
  if (!(error instanceof CrosstrailError) || error.code === 'interrupted') throw error
  return error
}

/** Returns why a call failed, or undefined if it succeeded. Throws what `knownError` throws. */
export async function refusalOf(call: Promise<unknown>): Promise<CrosstrailError | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    return knownError(error)
  }
}

function shortened({ message, cause }: CrosstrailError): string {
  const said = / answered (\d{3}) .*$/s.exec(message)
  if (said !== null) return `${message.slice(0, said.index)} was refused with ${said[1]}`
  const words = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''
  return words !== '' && message.endsWith(words) ? message.slice(0, -words.length) : message
}

/** The server's answer: `403 AccessDenied: User … is not authorized …`. */
function answerOf({ facts, message, cause }: CrosstrailError): string | undefined {
  const said = / answered (\d{3} .*)$/s.exec(message)?.[1]
  if (said !== undefined) return said
  const words = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''
  return facts['status'] === undefined ? undefined : `${facts['status']} ${facts['awsCode'] ?? ''}${words}`
}
