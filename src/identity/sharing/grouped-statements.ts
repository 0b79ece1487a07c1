import { mergedStatements, policyDocument, type PolicyDocument, type PolicyStatement } from '../policy-document.ts'

export interface LabelledStatements {
  readonly label: string
  readonly statements: readonly PolicyStatement[]
}

/** IAM: the maximum length of a managed policy, in characters. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const roomyCharacters = 6_144

/**
 * Returns one document for the needs of several accounts: each statement once, each with a unique Sid of letters and digits.
 * If the document is too long, statements on the same resources are merged. `labelled`: whether Sids end in the account's label.
 */
export function groupedDocument(
  groups: readonly LabelledStatements[],
  labelled: boolean = groups.length > 1,
): PolicyDocument {
  const all = groups.flatMap(({ label, statements }) =>
    statements.map((statement) => ({ ...statement, Sid: `${statement.Sid ?? ''}${labelled ? letters(label) : ''}` })),
  )
  const once = uniqueSids(withoutRepeats(all))
  const document = policyDocument(once)
  return JSON.stringify(document).length <= roomyCharacters ? document : policyDocument(mergedStatements(once))
}

/** Groups the items by the text of their key, in order of first appearance. */
export function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

function withoutRepeats(statements: readonly PolicyStatement[]): readonly PolicyStatement[] {
  const seen = new Set<string>()
  return statements.filter((statement) => {
    const text = JSON.stringify({ ...statement, Sid: '' })
    const repeated = seen.has(text)
    seen.add(text)
    return !repeated
  })
}

function uniqueSids(statements: readonly PolicyStatement[]): readonly PolicyStatement[] {
  const taken = new Set<string>()
  return statements.map((statement) => {
    const base = statement.Sid ?? ''
    let sid = base
    for (let count = 2; taken.has(sid); count++) sid = `${base}${count}`
    taken.add(sid)
    return { ...statement, Sid: sid }
  })
}

function letters(label: string): string {
  return label.replaceAll(/[^A-Za-z0-9]/g, '')
}
