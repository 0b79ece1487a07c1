import type { Environment } from './environment.ts'
import { checkAgreement } from './agreement.ts'
import { interpolate } from './interpolate.ts'
import type { Path } from './path.ts'
import type { Finding } from './problem.ts'
import { schemaFindings } from './schema-findings.ts'
import { checkSchema } from './schema.ts'

/** What is wrong with a config that comes to be, what is missing included: the checks of a file that is loaded. */
export function draftFindings(draft: unknown, env: Environment): readonly Finding[] {
  const { value, findings } = interpolate(draft, env)
  const checked = checkSchema(value)
  const wrong = 'issues' in checked ? schemaFindings(checked.issues, value) : []
  return [...findings, ...wrong, ...checkAgreement(value)]
}

/** The first finding at `path` or below it; undefined where what stands there is right, whatever the rest is. */
export function findingAt(draft: unknown, path: Path, env: Environment): Finding | undefined {
  return draftFindings(draft, env).find((finding) => path.every((step, at) => finding.path[at] === step))
}
