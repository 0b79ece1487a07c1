/**
 * Returns what is wrong with a policy by the grammar that IAM documents. It is stricter where AWS is: every list has an item, every Sid is
 * unique, every ARN is complete. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function grammarFaults(json: string, shape: 'identity' | 'trust' | 'resource'): string[] {
  const faults: string[] = []
  if (!/^[\u0009\u000a\u000d\u0020-\u00ff]+$/.test(json)) faults.push('a character beyond U+00FF')
  const policy: unknown = JSON.parse(json)
  if (!isRecord(policy)) return ['no object']
  only(policy, ['Version', 'Id', 'Statement'], 'the policy', faults)
  if (policy['Version'] !== '2012-10-17') faults.push('Version')
  const statements = policy['Statement']
  if (!Array.isArray(statements) || statements.length === 0) return [...faults, 'Statement is no list']
  const sids = new Set<unknown>()
  for (const statement of statements as unknown[]) {
    if (!isRecord(statement)) return [...faults, 'a statement is no object']
    if (sids.has(statement['Sid'])) faults.push('a Sid twice')
    sids.add(statement['Sid'])
    checkStatement(statement, shape, faults)
  }
  return faults
}

function checkStatement(statement: Record<string, unknown>, shape: string, faults: string[]): void {
  only(statement, ['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'], 'a statement', faults)
  const { Sid, Effect, Principal, Action, Resource, Condition } = statement
  if (typeof Sid !== 'string' || !/^[A-Za-z0-9]+$/.test(Sid)) faults.push(`Sid ${String(Sid)}`)
  if (Effect !== 'Allow' && Effect !== 'Deny') faults.push('Effect')
  texts(Action, /^[a-z0-9-]+:[A-Za-z]+\*?$/, 'Action', faults)
  if (shape === 'identity' ? Principal !== undefined : !isRecord(Principal)) faults.push('Principal')
  if (isRecord(Principal)) {
    only(Principal, ['AWS', 'Service'], 'Principal', faults)
    if (Object.keys(Principal).length === 0) faults.push('Principal is empty')
    const arn = /^arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)\/[!-~]+)$/
    if (Principal['AWS'] !== undefined) texts(Principal['AWS'], arn, 'AWS', faults)
    if (Principal['Service'] !== undefined)
      texts(Principal['Service'], /^[a-z0-9-]+(\.eks)?\.amazonaws\.com(\.cn)?$/, 'Service', faults)
  }
  if (shape === 'trust' ? Resource !== undefined : Resource === undefined) faults.push('Resource')
  if (Resource !== undefined) texts(Resource, resource, 'Resource', faults)
  if (Condition !== undefined) checkCondition(Condition, faults)
}

const resource =
  /^(\*|arn:aws[a-z-]*:(s3:::[a-z0-9.-]+(\/[^]+)?|iam::\d{12}:role\/[!-~]+|kms:[a-z0-9-]+:\d{12}:key\/[\w-]+|(sqs|sns):[a-z0-9-]+:\d{12}:[\w-]+))$/
const operators = /^(String|Arn)(Equals|Like)$|^Bool$/
const keys =
  /^(aws:Source(Arn|Account)|sns:(Protocol|Endpoint)|s3:prefix|sts:ExternalId|aws:MultiFactorAuthPresent|kms:ViaService|kms:EncryptionContext:[\w:]+)$/

function checkCondition(condition: unknown, faults: string[]): void {
  if (!isRecord(condition) || Object.keys(condition).length === 0) return void faults.push('Condition')
  for (const [operator, tests] of Object.entries(condition)) {
    if (!operators.test(operator)) faults.push(operator)
    if (!isRecord(tests) || Object.keys(tests).length === 0) return void faults.push(`${operator} is empty`)
    for (const [key, values] of Object.entries(tests)) {
      if (!keys.test(key)) faults.push(key)
      texts(values, operator === 'Bool' ? /^(true|false)$/ : /^[^]+$/, key, faults)
    }
  }
}

/** A text or a list of texts that match the pattern, without variables except those for characters. */
function texts(value: unknown, pattern: RegExp, where: string, faults: string[]): void {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0 || new Set(list).size < list.length) faults.push(`${where}: ${JSON.stringify(value)}`)
  for (const text of list) {
    if (typeof text !== 'string' || !pattern.test(text)) faults.push(`${where}: ${JSON.stringify(text)}`)
    else if (/\$\{(?![*?$]\})/.test(text)) faults.push(`${where}: a variable in ${text}`)
  }
}

function only(record: Record<string, unknown>, names: readonly string[], where: string, faults: string[]): void {
  for (const name of Object.keys(record)) if (!names.includes(name)) faults.push(`${where} has ${name}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
