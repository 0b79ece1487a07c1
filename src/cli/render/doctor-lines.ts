import type { DoctorFix, Side } from '../../verbs/doctor/fix.ts'
import { type DoctorStep, sidesOf, stepNames } from '../../verbs/doctor/step.ts'
import type { Paint, Style } from './colour.ts'
import { escapeText } from './escape.ts'
import type { Mark } from './marks.ts'

export interface DoctorLook {
  readonly paint: Paint
  readonly marks: Readonly<Record<Mark, string>>
}

/** A step of an account, or of this machine. */
export type ShownStep = Omit<DoctorStep, 'account' | 'step' | 'code'> & {
  readonly account?: string
  readonly step: string
  readonly code?: string | undefined
}

export function doctorLines(step: ShownStep, { paint, marks }: DoctorLook): string[] {
  const { status, message, tried, answer } = step
  const mark = paint(styles[status], marks[status])
  const name = step.step.padEnd(nameWidth)
  const lines = [`  ${mark} ${paint('bold', name)}  ${escapeText(message)}`]
  if (status !== 'failed' && status !== 'warning') return lines
  const more = (title: string, text: string) => lines.push(`${indent}${title.padEnd(titleWidth)}${escapeText(text)}`)
  if (tried !== undefined && status === 'failed') more('tried', tried)
  if (answer !== undefined && status === 'failed') more('answer', answer)
  const sides = sidesOf(step)
  if (sides.length > 0) more('change', sides.map((side) => sideNames[side]).join(', or '))
  for (const fix of step.fixes) lines.push(...fixLines(fix))
  return lines
}

export function doctorTitle(account: string, { paint }: DoctorLook): string {
  return paint('bold', escapeText(account))
}

const styles = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const satisfies Record<Mark, Style>
const nameWidth = Math.max(...stepNames.map((name) => name.length))
const indent = ' '.repeat(nameWidth + 6)
const titleWidth = 8

const sideNames: Readonly<Record<Side, string>> = {
  owner: "the owner of the bucket (Account A's side)",
  caller: "the caller (this account's side)",
  config: 'the config',
  machine: 'this machine',
}

function fixLines(fix: DoctorFix): string[] {
  const lines = [`${indent}${'fix'.padEnd(titleWidth)}${escapeText(titleOf(fix))}`]
  if (fix.type !== 'policy') return lines
  return [
    ...lines,
    ...JSON.stringify(fix.statement, undefined, 2)
      .split('\n')
      .map((line) => `${indent}${' '.repeat(titleWidth)}${escapeText(line)}`),
  ]
}

function titleOf(fix: DoctorFix): string {
  return fix.type === 'config' ? `${fix.path}: ${fix.does}` : fix.does
}
