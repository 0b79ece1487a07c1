import { accountOfRoot } from './policy-grant.ts'
import type { ReadStatement, StatementList } from './read-policy.ts'

/** The policy variables whose values are known. Their names are in lower case. */
export type KnownVariables = ReadonlyMap<string, string>

/** Returns the variables that are known for a request of a role, a user or a whole account. */
export function variablesOf(principal: string | undefined): KnownVariables {
  const account = principal?.split(':')[4]
  if (principal === undefined || account === undefined || !/^\d{12}$/.test(account)) return new Map()
  const whole = accountOfRoot(principal) !== undefined
  return new Map([
    ['aws:principalaccount', account],
    ...(whole ? [] : ([['aws:principalarn', principal]] as const)),
    ...(/:role\//.test(principal) ? ([['aws:principaltype', 'AssumedRole']] as const) : []),
  ])
}

/** Returns a statement with the known variables filled in as IAM does: in resources and in the values of conditions. */
export function filledStatement(statement: ReadStatement, known: KnownVariables): ReadStatement {
  if (known.size === 0) return statement
  const { resources, conditions } = statement
  return {
    ...statement,
    resources: resources && { ...resources, values: resources.values.map((value) => filled(value, known)) },
    conditions: conditions.map((condition) =>
      Object.assign({}, condition, { values: condition.values.map((value) => filled(value, known)) }),
    ),
  }
}

function filled(text: string, known: KnownVariables): string {
  return text.replaceAll(variable, (whole, name: string) => known.get(name.toLowerCase()) ?? whole)
}

/** `${*}`, `${?}` and `${$}` are characters, not variables. */
const variable = /\$\{(?![*?$]\})([^}]*)\}/g

/** Returns the first variable in some texts; undefined if they have none. */
export function variableIn(texts: readonly string[]): string | undefined {
  return texts.flatMap((text) => text.match(variable) ?? [])[0]
}

/** Returns the widest list: a variable matches anything, or nothing in a list of exceptions. */
export function widestList({ values, allBut }: StatementList): StatementList {
  const kept = allBut ? values.filter((value) => variableIn([value]) === undefined) : values
  return { allBut, values: kept.map((value) => value.replaceAll(variable, '*')) }
}
