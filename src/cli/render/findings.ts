import type { VerifyFinding } from '../../verbs/verify/finding.ts'
import type { OutputArgs } from '../options/output.ts'
import type { Environment } from '../../config/environment.ts'
import type { Output } from '../streams.ts'
import { paintFor } from './colour.ts'
import { safeJson } from './escape.ts'
import type { LineWriter } from './line-writer.ts'
import type { Speaker } from './speaker.ts'
import { findingLine, verifyShape } from './verify-rows.ts'

interface FindingsPlace {
  readonly stderr: Output
  readonly env: Environment
  readonly speaker: Speaker
}

/** Shows findings of a run whose results are on stdout: JSON among the results, otherwise as lines on stderr. */
export function findingTeller(
  { output, noColor }: OutputArgs,
  writer: LineWriter,
  { stderr, env, speaker }: FindingsPlace,
): (finding: VerifyFinding) => void {
  if (output === 'json') return (finding) => writer.write(safeJson(verifyShape.record({ type: 'finding', finding })))
  const paint = paintFor(stderr, env, noColor)
  return (finding) => speaker.say(findingLine(finding, paint))
}
