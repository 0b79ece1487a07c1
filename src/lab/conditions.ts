import { matchesWildcard } from './wildcard.ts'

/** `Condition` of a policy statement: operator, key, values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | boolean | readonly string[]>>>>

/** The facts of a request that conditions test. Keys are in lower case, because IAM ignores their case. */
export type RequestContext = ReadonlyMap<string, string>

/** True if every operator and every key of the block holds. */
export function conditionsHold(conditions: Conditions, context: RequestContext): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      holds(operator, context.get(key.toLowerCase()), listOf(values), context),
    ),
  )
}

/** True for the operators that the lab knows. A policy with another one is refused, because ignoring it would be wrong. */
export function isKnownOperator(operator: string): boolean {
  return operator === 'Null' || tests.has(operator.replace(/IfExists$/, ''))
}

/** Replaces `${aws:PrincipalAccount}` and the like. */
export function substituteVariables(text: string, context: RequestContext): string {
  if (!text.includes('${')) return text
  return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => context.get(name.toLowerCase()) ?? whole)
}

type Test = (actual: string, expected: string) => boolean

const equals: Test = (actual, expected) => actual === expected
const sameLetters: Test = (actual, expected) => actual.toLowerCase() === expected.toLowerCase()
const like: Test = (actual, expected) => matchesWildcard(actual, expected)

const tests = new Map<string, { test: Test; negated: boolean }>([
  ['StringEquals', { test: equals, negated: false }],
  ['StringNotEquals', { test: equals, negated: true }],
  ['StringEqualsIgnoreCase', { test: sameLetters, negated: false }],
  ['StringNotEqualsIgnoreCase', { test: sameLetters, negated: true }],
  ['StringLike', { test: like, negated: false }],
  ['StringNotLike', { test: like, negated: true }],
  ['ArnEquals', { test: like, negated: false }],
  ['ArnLike', { test: like, negated: false }],
  ['ArnNotEquals', { test: like, negated: true }],
  ['ArnNotLike', { test: like, negated: true }],
  ['Bool', { test: sameLetters, negated: false }],
])

function holds(
  operator: string,
  actual: string | undefined,
  values: readonly string[],
  context: RequestContext,
): boolean {
  if (operator === 'Null') return values.some((value) => (value === 'true') === (actual === undefined))
  const ifExists = operator.endsWith('IfExists')
  const known = tests.get(ifExists ? operator.slice(0, -'IfExists'.length) : operator)
  if (known === undefined) throw new Error(`the lab does not know the condition operator ${operator}`)
  if (actual === undefined) return ifExists || known.negated
  const matched = values.some((value) => known.test(actual, substituteVariables(value, context)))
  return matched !== known.negated
}

function listOf(values: string | boolean | readonly string[]): readonly string[] {
  return typeof values === 'string' || typeof values === 'boolean' ? [String(values)] : values.map(String)
}
