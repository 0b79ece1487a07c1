import { accountOfRoot } from './policy-grant.ts'
import type { ReadStatement, StatementList } from './read-policy.ts'

/** The policy variables whose values are known, by their names in lower case. */
export type KnownVariables = ReadonlyMap<string, string>

/** What is known of a request that a role, a user or a whole account makes. */
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

/** A statement with the known variables filled in where IAM fills them in: in resources and in the values of conditions. */
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

/** `${*}`, `${?}` and `${$}` are letters and no variables. */
const variable = /\$\{(?![*?$]\})([^}]*)\}/g

/** The first variable of some texts; undefined if they have none. */
export function variableIn(texts: readonly string[]): string | undefined {
  return texts.flatMap((text) => text.match(variable) ?? [])[0]
}

/** A list as it would be if every variable stood for the most it can: for anything in a list of what is meant, for nothing in one of what is not. */
export function widestList({ values, allBut }: StatementList): StatementList {
  const kept = allBut ? values.filter((value) => variableIn([value]) === undefined) : values
  return { allBut, values: kept.map((value) => value.replaceAll(variable, '*')) }
}
