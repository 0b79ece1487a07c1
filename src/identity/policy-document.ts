export type OneOrMore = string | readonly string[]

/** `operator → key → values`. */
export type PolicyConditions = Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>

/** A policy statement with AWS's own field names. */
export interface PolicyStatement {
  /** Letters and digits. */
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: { readonly AWS?: OneOrMore; readonly Service?: OneOrMore }
  readonly Action: OneOrMore
  /** Missing in a trust policy only. */
  readonly Resource?: OneOrMore
  readonly Condition?: PolicyConditions
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

export function policyDocument(statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements }
}

/** Returns JSON without spaces. IAM and STS accept characters up to U+00FF; all others are written as JSON escapes. */
export function compactPolicy(document: PolicyDocument): string {
  return JSON.stringify(document).replaceAll(
    /[^\u0020-\u007e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Merges statements that have the same effect, principal, resources and conditions. The result has all actions and the first Sid. */
export function mergedStatements(statements: readonly PolicyStatement[]): readonly PolicyStatement[] {
  const byScope = new Map<string, PolicyStatement>()
  for (const statement of statements) {
    const { Effect, Principal, Resource, Condition } = statement
    const scope = JSON.stringify([Effect, Principal, Resource, Condition])
    const first = byScope.get(scope) ?? statement
    byScope.set(scope, { ...first, Action: oneOrMore([first.Action, statement.Action].flat()) })
  }
  return [...byScope.values()]
}

/** Removes repeated values. A single value is returned without a list, as AWS writes it. */
export function oneOrMore(values: readonly string[]): OneOrMore {
  const [first, ...others] = [...new Set(values)]
  return first === undefined || others.length > 0 ? [...new Set(values)] : first
}

/** Escapes `*`, `?` and `$`, which have a special meaning in a policy. */
export function escapeWildcards(text: string): string {
  return text.replaceAll(/[*?$]/g, (letter) => `\${${letter}}`)
}
