import type { Path } from '../../config/path.ts'
import type { Asker } from '../ask.ts'
import type { Draft } from './draft.ts'
import { findingText } from './refuse-wrong.ts'

export interface FieldQuestion {
  readonly path: Path
  readonly asks: string
  readonly proposal?: string | undefined
  /** If true, an empty answer leaves the field out. */
  readonly optional?: boolean
  readonly read?: (answer: string) => unknown
  /** What is wrong with an answer whose form is correct; undefined if nothing is. */
  readonly check?: (answer: string) => string | undefined
}

/** Asks for a field that the draft lacks, until the answer is valid. */
export async function askField(draft: Draft, asker: Asker, question: FieldQuestion): Promise<void> {
  const { path, asks, proposal, optional = false, read = (answer) => answer } = question
  if (draft.has(path)) return
  const check = (answer: string): string | undefined => {
    if (answer === '' && optional) return undefined
    const finding = draft.findingFor(path, read(answer))
    return finding === undefined ? question.check?.(answer) : findingText(finding)
  }
  const answer = await asker.text({ asks, proposal, check })
  if (answer !== '') draft.set(path, read(answer))
}

/** The words of an answer, separated by commas or spaces. */
export function words(answer: string): string[] {
  return answer.split(/[\s,]+/).filter((word) => word !== '')
}
