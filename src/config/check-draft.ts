import type { Environment } from './environment.ts'
import { checkAgreement } from './agreement.ts'
import { interpolate } from './interpolate.ts'
import type { Path } from './path.ts'
import type { Finding } from './problem.ts'
import { schemaFindings } from './schema-findings.ts'
import { checkSchema } from './schema.ts'

/** Checks an unfinished config in the same way as a loaded file. Missing fields are findings. */
export function draftFindings(draft: unknown, env: Environment): readonly Finding[] {
  const { value, findings } = interpolate(draft, env)
  const checked = checkSchema(value)
  const wrong = 'issues' in checked ? schemaFindings(checked.issues, value) : []
  return [...findings, ...wrong, ...checkAgreement(value)]
}

/** Returns the first finding at `path` or below it; undefined if that part is correct, whatever the rest is. */
export function findingAt(draft: unknown, path: Path, env: Environment): Finding | undefined {
  return draftFindings(draft, env).find((finding) => path.every((step, at) => finding.path[at] === step))
}
