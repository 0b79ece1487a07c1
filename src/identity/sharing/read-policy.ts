import { CrosstrailError } from '../../error.ts'

/** A list of a statement, and whether the statement means everything except what is on it (`NotAction` …). */
export interface StatementList {
  readonly values: readonly string[]
  readonly allBut: boolean
}

export interface ReadCondition {
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

export interface ReadStatement {
  /** Its Sid, else its number: `statement 2`. */
  readonly title: string
  readonly effect: 'Allow' | 'Deny'
  /** `*`, ARNs, `Service:ec2.amazonaws.com` …; undefined in an identity policy. */
  readonly principals: StatementList | undefined
  readonly actions: StatementList
  /** Undefined in a trust policy. */
  readonly resources: StatementList | undefined
  readonly conditions: readonly ReadCondition[]
}

export interface ReadPolicy {
  readonly statements: readonly ReadStatement[]
  /** The name of the role, if the text contains it, as in the output of `aws iam get-role` and `get-role-policy`. */
  readonly roleName: string | undefined
}

/**
 * Reads a policy document, the output of `aws … get-role`, `get-role-policy`, `get-user-policy`, `get-policy-version`, `get-bucket-policy`,
 * `get-key-policy`, `get-queue-attributes` or `get-topic-attributes`, or the output of crosstrail. It may be URL-encoded. Several in a JSON list, or one per line, are combined.
 * Throws `usage.not-a-policy`.
 */
export function readPolicy(text: string): ReadPolicy {
  const found = jsonValues(text).flatMap((value) => documentsIn(value))
  if (found.length === 0) throw notAPolicy('it contains no policy document')
  const names = new Set(found.flatMap(({ roleName }) => roleName ?? []))
  const [roleName] = names
  const raw = found.flatMap(({ document }) => listOf(document['Statement']))
  if (raw.length === 0) throw notAPolicy('it has no statement')
  return {
    statements: raw.map((statement, index) => readStatement(statement, index)),
    roleName: names.size === 1 ? roleName : undefined,
  }
}

type Fields = Readonly<Record<string, unknown>>

/** Parses one JSON text, or one per line. */
function jsonValues(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)]
  } catch {
    try {
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line): unknown => JSON.parse(line))
    } catch {
      // JSON.parse quotes the text that it could not parse, which may contain an external ID.
      throw notAPolicy('it is not JSON')
    }
  }
}

interface FoundDocument {
  readonly document: Fields
  readonly roleName: string | undefined
}

/** The fields in which the AWS tools put a document. */
const wrappers = [
  'AssumeRolePolicyDocument',
  'PolicyDocument',
  'Document',
  'document',
  'Policy',
  'Role',
  'PolicyVersion',
  'Attributes',
]

function documentsIn(value: unknown, roleName?: string): readonly FoundDocument[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => documentsIn(item, roleName))
  if (typeof value === 'string') return documentsIn(decoded(value), roleName)
  if (!isFields(value)) throw notAPolicy('a policy must be an object')
  const name = typeof value['RoleName'] === 'string' ? value['RoleName'] : roleName
  if ('Statement' in value) return [{ document: value, roleName: name }]
  const wrapper = wrappers.find((each) => each in value)
  if (wrapper === undefined) throw notAPolicy('it has no Statement')
  return documentsIn(value[wrapper], name)
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(text.trimStart().startsWith('{') ? text : decodeURIComponent(text))
  } catch {
    throw notAPolicy('the document in it is not JSON')
  }
}

const elements: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])

function readStatement(value: unknown, index: number): ReadStatement {
  const number = `statement ${index + 1}`
  if (!isFields(value)) throw notAPolicy(`${number} is not an object`)
  const unknown = Object.keys(value).find((name) => !elements.has(name))
  if (unknown !== undefined) throw notAPolicy(`${number} has ${JSON.stringify(unknown)}, which is not an IAM element`)
  const { Sid, Effect } = value
  if (Effect !== 'Allow' && Effect !== 'Deny') throw notAPolicy(`${number} neither allows nor denies`)
  const actions = eitherList(value, 'Action', 'NotAction', number)
  if (actions === undefined) throw notAPolicy(`${number} has no Action`)
  return {
    title: typeof Sid === 'string' && Sid !== '' ? Sid : number,
    effect: Effect,
    principals: principalsOf(value, number),
    actions,
    resources: eitherList(value, 'Resource', 'NotResource', number),
    conditions: conditionsOf(value['Condition'], number),
  }
}

function eitherList(statement: Fields, name: string, notName: string, number: string): StatementList | undefined {
  if (name in statement && notName in statement) throw notAPolicy(`${number} has both ${name} and ${notName}`)
  const element = name in statement ? name : notName
  if (!(element in statement)) return undefined
  return { values: textsOf(statement[element], `${element} of ${number}`), allBut: element === notName }
}

function principalsOf(statement: Fields, number: string): StatementList | undefined {
  if ('Principal' in statement && 'NotPrincipal' in statement)
    throw notAPolicy(`${number} has both Principal and NotPrincipal`)
  const element = 'Principal' in statement ? 'Principal' : 'NotPrincipal'
  const value = statement[element]
  if (value === undefined) return undefined
  if (value === '*') return { values: ['*'], allBut: element === 'NotPrincipal' }
  if (!isFields(value)) throw notAPolicy(`the principal of ${number} is neither "*" nor an object`)
  const values = Object.entries(value).flatMap(([type, names]) =>
    textsOf(names, `the principal of ${number}`).map((name) => (type === 'AWS' ? name : `${type}:${name}`)),
  )
  return { values, allBut: element === 'NotPrincipal' }
}

function conditionsOf(value: unknown, number: string): readonly ReadCondition[] {
  if (value === undefined) return []
  if (!isFields(value)) throw notAPolicy(`the Condition of ${number} is not an object`)
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!isFields(keys)) throw notAPolicy(`${operator} of ${number} is not an object`)
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: textsOf(values, `the Condition of ${number}`),
    }))
  })
}

function textsOf(value: unknown, where: string): readonly string[] {
  return listOf(value).map((item) => {
    if (typeof item === 'string') return item
    if (typeof item === 'boolean' || typeof item === 'number') return String(item)
    throw notAPolicy(`${where} contains a value that is not text`)
  })
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : value === undefined ? [] : [value]
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notAPolicy(why: string): CrosstrailError {
  return new CrosstrailError('usage.not-a-policy', `this is not a policy that AWS would accept: ${why}`, {
    hint: 'give the JSON of one policy, or the output of aws iam get-role, get-role-policy, s3api get-bucket-policy or kms get-key-policy',
  })
}
