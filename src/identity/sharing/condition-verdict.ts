import { covers, literalPattern, overlaps, type PolicyPattern, wildcardPattern } from './policy-pattern.ts'
import type { ReadCondition } from './read-policy.ts'

/** What is known of a key of the request: all values it may have, or that it is not there. A key without a fact may be anything. */
export type RequestFacts = ReadonlyMap<string, PolicyPattern | 'absent'>

/** `partly`: for some of the values a fact allows. `unknown`: only AWS can tell. */
export type ConditionVerdict = 'holds' | 'fails' | 'partly' | 'unknown'

/** Whether a condition of a policy holds for a request of which only these facts are known. */
export function conditionVerdict({ operator, key, values }: ReadCondition, facts: RequestFacts): ConditionVerdict {
  const fact = facts.get(key)
  if (fact === undefined) return 'unknown'
  if (operator === 'Null') return values.includes(String(fact === 'absent')) ? 'holds' : 'fails'
  const ifExists = operator.endsWith('IfExists')
  const test = operators[ifExists ? operator.slice(0, -'IfExists'.length) : operator]
  if (test === undefined) return 'unknown'
  if (fact === 'absent') return ifExists || test.negated ? 'holds' : 'fails'
  const patterns = values.map((value) => conditionPattern(operator, value))
  const all = patterns.some((pattern) => covers(pattern, fact))
  const some = all || patterns.some((pattern) => overlaps(pattern, fact))
  if (some && !all) return 'partly'
  return some === test.negated ? 'fails' : 'holds'
}

/** The values that an operator means by one of its own. Where case is not minded, the fact is compared as it is written. */
export function conditionPattern(operator: string, value: string): PolicyPattern {
  const test = operators[operator.replace(/IfExists$/, '')]
  return test?.wildcards === true ? wildcardPattern(value) : literalPattern(value)
}

const operators: Readonly<Record<string, { readonly negated: boolean; readonly wildcards: boolean }>> = {
  StringEquals: { negated: false, wildcards: false },
  StringNotEquals: { negated: true, wildcards: false },
  StringEqualsIgnoreCase: { negated: false, wildcards: false },
  StringLike: { negated: false, wildcards: true },
  StringNotLike: { negated: true, wildcards: true },
  ArnEquals: { negated: false, wildcards: true },
  ArnLike: { negated: false, wildcards: true },
  ArnNotEquals: { negated: true, wildcards: true },
  ArnNotLike: { negated: true, wildcards: true },
  Bool: { negated: false, wildcards: false },
}
