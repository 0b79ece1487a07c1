import type { DoctorFix } from '../../verbs/doctor/fix.ts'
import { sidesOf } from '../../verbs/doctor/step.ts'
import type { ShownStep } from './doctor-lines.ts'
import { csvLine } from './csv.ts'
import { safeJson } from './escape.ts'

/** The fields of CSV, in order. JSON also has `facts`, and its fixes are objects. */
export const doctorFields = [
  'account',
  'step',
  'status',
  'message',
  'code',
  'tried',
  'answer',
  'sides',
  'fixes',
] as const

export function doctorJson(step: ShownStep): string {
  const { account, step: name, status, message, code, tried, answer, facts, fixes } = step
  return safeJson({ account, step: name, status, message, code, tried, answer, sides: sidesOf(step), facts, fixes })
}

export function doctorCsv(step: ShownStep): string {
  const { account, step: name, status, message, code, tried, answer, fixes } = step
  const sides = sidesOf(step).join(' ')
  return csvLine([account, name, status, message, code, tried, answer, sides, fixes.map(fixText).join('; ')])
}

function fixText(fix: DoctorFix): string {
  return fix.type === 'policy' ? `${fix.does}: ${JSON.stringify(fix.statement)}` : fix.does
}
