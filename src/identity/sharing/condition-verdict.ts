import {
  covers,
  hasVariable,
  literalPattern,
  lowerCase,
  overlaps,
  type PolicyPattern,
  wildcardPattern,
} from './policy-pattern.ts'
import type { ReadCondition } from './read-policy.ts'

/** What is known of a key of a request: the pattern of its values, that it is absent, or that either may be the case. */
export type RequestFact = PolicyPattern | 'absent' | { readonly absentOr: PolicyPattern }

/** A key without a fact may have any value. */
export type RequestFacts = ReadonlyMap<string, RequestFact>

/** `partly`: for some of the values that a fact allows. `unknown`: only AWS can tell. */
export type ConditionVerdict = 'holds' | 'fails' | 'partly' | 'unknown'

/** Returns whether a condition of a policy holds for a request of which only these facts are known. */
export function conditionVerdict(condition: ReadCondition, facts: RequestFacts): ConditionVerdict {
  const fact = facts.get(condition.key)
  if (fact === undefined) return 'unknown'
  if (fact === 'absent' || !('absentOr' in fact)) return verdictFor(condition, fact)
  const [absent, present] = [verdictFor(condition, 'absent'), verdictFor(condition, fact.absentOr)]
  return absent === present ? absent : 'unknown'
}

function verdictFor({ operator, values }: ReadCondition, fact: PolicyPattern | 'absent'): ConditionVerdict {
  if (operator === 'Null') return values.includes(String(fact === 'absent')) ? 'holds' : 'fails'
  const ifExists = operator.endsWith('IfExists')
  const test = operators[ifExists ? operator.slice(0, -'IfExists'.length) : operator]
  if (test === undefined) return 'unknown'
  if (fact === 'absent') return ifExists || test.negated ? 'holds' : 'fails'
  const compared = test.anyCase === true ? lowerCase(fact) : fact
  const patterns = values.map((value) =>
    conditionPattern(operator, test.anyCase === true ? value.toLowerCase() : value),
  )
  const all = patterns.some((pattern) => covers(pattern, compared))
  const touching = patterns.filter((pattern) => overlaps(pattern, compared))
  if (!all && touching.some(hasVariable)) return 'unknown'
  if (touching.length > 0 && !all) return 'partly'
  return all === test.negated ? 'fails' : 'holds'
}

/** Returns the pattern that an operator reads in one of its values. */
export function conditionPattern(operator: string, value: string): PolicyPattern {
  const test = operators[operator.replace(/IfExists$/, '')]
  return test?.wildcards === true ? wildcardPattern(value) : literalPattern(value)
}

interface OperatorTest {
  readonly negated: boolean
  readonly wildcards: boolean
  readonly anyCase?: true
}

const operators: Readonly<Record<string, OperatorTest>> = {
  StringEquals: { negated: false, wildcards: false },
  StringNotEquals: { negated: true, wildcards: false },
  StringEqualsIgnoreCase: { negated: false, wildcards: false, anyCase: true },
  StringNotEqualsIgnoreCase: { negated: true, wildcards: false, anyCase: true },
  StringLike: { negated: false, wildcards: true },
  StringNotLike: { negated: true, wildcards: true },
  ArnEquals: { negated: false, wildcards: true },
  ArnLike: { negated: false, wildcards: true },
  ArnNotEquals: { negated: true, wildcards: true },
  ArnNotLike: { negated: true, wildcards: true },
  Bool: { negated: false, wildcards: false, anyCase: true },
}
