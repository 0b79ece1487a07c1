import { conditionPattern } from './condition-verdict.ts'
import { covers, literalPattern, overlaps, type PolicyPattern, wildcardPattern } from './policy-pattern.ts'
import type { ReadCondition, ReadStatement, StatementList } from './read-policy.ts'

/** One action on one resource for one principal, under conditions with one value each. A statement combines many of these. */
export interface PolicyGrant {
  readonly statement: ReadStatement
  readonly principal: string | undefined
  readonly action: string
  readonly resource: string | undefined
  readonly conditions: readonly ReadCondition[]
}

/** Returns every grant of a statement without `Not…` elements. */
export function grantsOf(statement: ReadStatement): readonly PolicyGrant[] {
  const { principals, actions, resources, conditions } = statement
  const conditionSets = conditions.reduce<readonly (readonly ReadCondition[])[]>(
    (sets, condition) => sets.flatMap((set) => singleValues(condition).map((single) => [...set, single])),
    [[]],
  )
  return (principals?.values ?? [undefined]).flatMap((principal) =>
    actions.values.flatMap((action) =>
      (resources?.values ?? [undefined]).flatMap((resource) =>
        conditionSets.map((set) => ({ statement, principal, action, resource, conditions: set })),
      ),
    ),
  )
}

/** Operators that forbid values apply to all of their values at once; the others to any one of them. */
function singleValues(condition: ReadCondition): readonly ReadCondition[] {
  return /Not|^For/.test(condition.operator)
    ? [condition]
    : condition.values.map((value) => Object.assign({}, condition, { values: [value] }))
}

export function actionPattern(action: string): PolicyPattern {
  return wildcardPattern(action.toLowerCase())
}

/** Returns whom a principal matches. An account matches everything in it. */
export function principalPattern(principal: string): PolicyPattern {
  if (principal === '*') return wildcardPattern('*')
  const account = accountOfRoot(principal)
  return account === undefined ? literalPattern(principal) : wildcardPattern(`arn:*:iam::${account}:*`)
}

/** Returns the account ID if a principal is a whole account. */
export function accountOfRoot(principal: string): string | undefined {
  return /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(principal)?.[1]
}

/** Returns whether a list of a statement contains everything that a pattern matches. */
export function listCovers(
  list: StatementList,
  pattern: PolicyPattern,
  read: (text: string) => PolicyPattern = wildcardPattern,
): boolean {
  return list.allBut
    ? !list.values.some((value) => overlaps(read(value), pattern))
    : list.values.some((value) => covers(read(value), pattern))
}

/** Returns whether a list of a statement contains anything that a pattern matches. */
export function listTouches(
  list: StatementList,
  pattern: PolicyPattern,
  read: (text: string) => PolicyPattern = wildcardPattern,
): boolean {
  return list.allBut
    ? !list.values.some((value) => covers(read(value), pattern))
    : list.values.some((value) => overlaps(read(value), pattern))
}

/** Returns the keys of the conditions of `outer` that the grant does not require too, with the same or narrower values. */
export function undemandedKeys(outer: readonly ReadCondition[], grant: PolicyGrant): readonly string[] {
  return outer
    .filter((wanted) => {
      const patterns = wanted.values.map((value) => conditionPattern(wanted.operator, value))
      return !grant.conditions.some(
        (had) =>
          had.key === wanted.key &&
          /^(?:String|Arn)(?:Equals|Like)$|^Bool$/.test(had.operator) &&
          had.values.every((value) =>
            patterns.some((pattern) => covers(pattern, conditionPattern(had.operator, value))),
          ),
      )
    })
    .map(({ key }) => key)
}
