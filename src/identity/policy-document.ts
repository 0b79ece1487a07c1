export type OneOrMore = string | readonly string[]

/** `operator → key → values`. */
export type PolicyConditions = Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>

/** A statement as crosstrail writes it, in AWS's own names. */
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

/** JSON without spaces. IAM and STS take characters up to U+00FF; the others go as JSON escapes. */
export function compactPolicy(document: PolicyDocument): string {
  return JSON.stringify(document).replaceAll(
    /[^\u0020-\u007e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Statements of the same effect on the same resources under the same conditions as one, with the actions of all and the Sid of the first. */
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

/** Each once; a single one without a list around it, as AWS writes it. */
export function oneOrMore(values: readonly string[]): OneOrMore {
  const [first, ...others] = [...new Set(values)]
  return first === undefined || others.length > 0 ? [...new Set(values)] : first
}

/** A text as a policy means it: in a policy `*`, `?` and `$` are no letters. */
export function escapeWildcards(text: string): string {
  return text.replaceAll(/[*?$]/g, (letter) => `\${${letter}}`)
}
