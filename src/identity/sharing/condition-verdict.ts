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

/** What is known of a key of a request: all values it may have, that it is not there, or either. */
export type RequestFact = PolicyPattern | 'absent' | { readonly absentOr: PolicyPattern }

/** A key without a fact may be anything. */
export type RequestFacts = ReadonlyMap<string, RequestFact>

/** `partly`: for some of the values a fact allows. `unknown`: only AWS can tell. */
export type ConditionVerdict = 'holds' | 'fails' | 'partly' | 'unknown'

/** Whether a condition of a policy holds for a request of which only these facts are known. */
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

/** The values that an operator means by one of its own. */
export function conditionPattern(operator: string, value: string): PolicyPattern {
  const test = operators[operator.replace(/IfExists$/, '')]
  return test?.wildcards === true ? wildcardPattern(value) : literalPattern(value)
}

interface OperatorTest {
  readonly negated: boolean
  readonly wildcards: boolean
  /** True if upper and lower case are the same to it. */
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
