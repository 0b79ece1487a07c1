import { compactPolicy } from '../../identity/policy-document.ts'
import type { PolicySet } from '../../verbs/policy/policies.ts'
import { safeJson } from './escape.ts'

/** The lines of `--format json`: the document alone where it is one, as the AWS tools take it; else an object a line that says where each goes. */
export function policyJsonLines({ policies }: Pick<PolicySet, 'policies'>): readonly string[] {
  const [only, ...others] = policies
  if (only !== undefined && others.length === 0) return [compactPolicy(only.document)]
  return policies.map(({ side, kind, accounts, inAccount, attachTo, name, document }) =>
    safeJson({ side, kind, accounts, inAccount, attachTo, name, document }),
  )
}
