import type { PolicyCheck } from '../../verbs/policy/policies.ts'
import { escapeText, safeJson } from './escape.ts'

/** The lines of `--check`: a finding a line, and below one that is missing the statement to add; as JSON, an object a line. */
export function policyCheckLines({ policy, findings }: PolicyCheck, asJson: boolean): readonly string[] {
  if (asJson) return findings.map((finding) => safeJson({ policy: policy.kind, attachTo: policy.attachTo, ...finding }))
  if (findings.length === 0) return ['nothing is missing, and nothing is too wide']
  return findings.flatMap(({ kind, statement, message, add }) => [
    escapeText(`${kind.padEnd(8)} ${statement === undefined ? '' : `${statement}: `}${message}`),
    ...(add === undefined ? [] : [`         add ${safeJson(add)}`]),
  ])
}
