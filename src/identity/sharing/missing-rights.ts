import { oneOrMore, type PolicyStatement } from '../policy-document.ts'
import { conditionPattern, conditionVerdict, type RequestFact, type RequestFacts } from './condition-verdict.ts'
import {
  accountOfRoot,
  actionPattern,
  grantsOf,
  listCovers,
  listTouches,
  type PolicyGrant,
  principalPattern,
} from './policy-grant.ts'
import type { PolicyFinding } from './policy-finding.ts'
import { literalPattern, type PolicyPattern, wildcardPattern } from './policy-pattern.ts'
import { filledStatement, variableIn, variablesOf, widestList } from './policy-variables.ts'
import { type ReadStatement, readPolicy } from './read-policy.ts'
import type { SharingPolicy } from './sharing-policy.ts'
import { isOfPodTags } from './statements.ts'

/** Returns the rights of `needed` that the given statements do not allow, and those of which only AWS can tell whether they do. */
export function missingRights(
  have: readonly ReadStatement[],
  { document, kind, attachTo }: Pick<SharingPolicy, 'document' | 'kind' | 'attachTo'>,
): readonly PolicyFinding[] {
  const wanted = readPolicy(JSON.stringify(document)).statements
  const all = document.Statement.flatMap((statement, index) => {
    const read = wanted[index]
    if (read === undefined) return []
    const judged = grantsOf(read).map((grant) => ({ grant, answer: answerTo(grant, have, attachTo) }))
    return [{ statement, judged }]
  })
  const judgedAll = kind === 'service-trust' ? bestOf(all) : all
  return judgedAll.flatMap(({ statement, judged }) => [
    ...missingFinding(statement, judged).map((finding) => (isOfPodTags(statement) ? neededInPods(finding) : finding)),
    ...unclearFindings(judged),
  ])
}

interface JudgedStatement {
  readonly statement: PolicyStatement
  readonly judged: readonly Judged[]
}

/** If one of the statements is enough, keeps the fully allowed ones, else the partly allowed ones, else all. */
function bestOf(all: readonly JudgedStatement[]): readonly JudgedStatement[] {
  const isMissing = ({ answer }: Judged): boolean => answer.is === 'missing'
  const whole = all.filter(({ judged }) => !judged.some(isMissing))
  if (whole.length > 0) return whole
  const part = all.filter(({ judged }) => !judged.every(isMissing))
  return part.length > 0 ? part : all
}

function neededInPods({ message, add }: PolicyFinding): PolicyFinding {
  return { kind: 'unclear', message: `${message}: an EKS pod needs it, an ECS task does not`, add }
}

/** `reason` says what prevents it. A grant that is missing without a reason is in no statement at all. */
type Answer =
  | { readonly is: 'allowed' }
  | { readonly is: 'missing'; readonly reason?: string | undefined }
  | { readonly is: 'unclear'; readonly statement: string; readonly reason: string }

interface Judged {
  readonly grant: PolicyGrant
  readonly answer: Answer
}

/** `attachTo` is the caller if the policy belongs to an identity. */
function answerTo(grant: PolicyGrant, statements: readonly ReadStatement[], attachTo: string): Answer {
  const caller = grant.principal ?? attachTo
  const facts = factsOf(grant, caller)
  const known = variablesOf(caller)
  const have = statements.map((statement) => filledStatement(statement, known))
  const denied = strongest(have.filter(({ effect }) => effect === 'Deny').map((deny) => deniedBy(deny, grant, facts)))
  if (denied?.is === 'missing') return denied
  const allowed = have.filter(({ effect }) => effect === 'Allow').map((allow) => allowedBy(allow, grant, facts))
  if (allowed.some((answer) => answer?.is === 'allowed')) return denied ?? { is: 'allowed' }
  return (
    allowed.find((answer) => answer?.is === 'unclear') ??
    allowed.find((answer) => answer?.is === 'missing') ?? { is: 'missing' }
  )
}

function strongest(answers: readonly (Answer | undefined)[]): Answer | undefined {
  return answers.find((answer) => answer?.is === 'missing') ?? answers.find((answer) => answer?.is === 'unclear')
}

/** Returns undefined if the statement does not concern the grant. */
function allowedBy(statement: ReadStatement, grant: PolicyGrant, facts: RequestFacts): Answer | undefined {
  const { principals, actions, resources, conditions, title } = statement
  if (!listCovers(actions, actionPattern(grant.action), actionPattern)) return undefined
  let variable: string | undefined
  if (grant.resource !== undefined) {
    if (resources === undefined) return undefined
    const pattern = wildcardPattern(grant.resource)
    if (!listCovers(resources, pattern)) {
      if (!listCovers(widestList(resources), pattern)) return undefined
      variable = variableIn(resources.values)
    }
  }
  let onlySome = false
  if (grant.principal !== undefined) {
    if (principals === undefined) return undefined
    if (!listCovers(principals, neededPrincipal(grant.principal), principalPattern)) {
      if (!namesSomeOf(grant.principal, principals.values) || principals.allBut) return undefined
      onlySome = true
    }
  }
  const verdicts = conditions.map((condition) => ({ condition, verdict: conditionVerdict(condition, facts) }))
  const failed = verdicts.find(({ verdict }) => verdict === 'fails' || verdict === 'partly')
  if (failed !== undefined)
    return { is: 'missing', reason: `${title} allows it only with another value of ${failed.condition.key}` }
  const unknown = verdicts.find(({ verdict }) => verdict === 'unknown')
  if (unknown !== undefined) {
    const { operator, key } = unknown.condition
    return { is: 'unclear', statement: title, reason: `it has the condition ${operator} ${key}, which ${judgeOf(key)}` }
  }
  if (variable !== undefined) {
    return { is: 'unclear', statement: title, reason: `its Resource contains ${variable}, which only AWS can fill in` }
  }
  if (!onlySome) return { is: 'allowed' }
  return {
    is: 'unclear',
    statement: title,
    reason: 'it trusts only some principals of the account: this is right if the caller is one of them',
  }
}

/** A request with long-lived keys carries no MFA key at all. */
function judgeOf(key: string): string {
  return key === 'aws:multifactorauthpresent'
    ? 'depends on the keys of the caller: a request with long-lived keys does not have it'
    : 'only AWS can judge'
}

function deniedBy(statement: ReadStatement, grant: PolicyGrant, facts: RequestFacts): Answer | undefined {
  const { principals, actions, resources, conditions, title } = statement
  if (!listTouches(actions, actionPattern(grant.action), actionPattern)) return undefined
  if (grant.resource !== undefined && resources && !listTouches(resources, wildcardPattern(grant.resource))) {
    return undefined
  }
  if (grant.principal !== undefined && principals) {
    if (!listTouches(principals, neededPrincipal(grant.principal), principalPattern)) return undefined
  }
  const verdicts = new Set(conditions.map((condition) => conditionVerdict(condition, facts)))
  if (verdicts.has('fails')) return undefined
  const variable = variableIn([...(resources?.values ?? []), ...conditions.flatMap(({ values }) => values)])
  if (variable !== undefined) {
    return {
      is: 'unclear',
      statement: title,
      reason: `it denies on the basis of ${variable}, which only AWS can fill in`,
    }
  }
  return verdicts.has('unknown')
    ? { is: 'unclear', statement: title, reason: 'it denies under a condition that only AWS can judge' }
    : { is: 'missing', reason: `${title} denies it` }
}

function neededPrincipal(principal: string): PolicyPattern {
  return literalPattern(principal)
}

function namesSomeOf(account: string, principals: readonly string[]): boolean {
  const id = accountOfRoot(account)
  return id !== undefined && principals.some((principal) => principal.split(':')[4] === id)
}

function factsOf({ statement, principal, resource, conditions }: PolicyGrant, caller: string): RequestFacts {
  const trust = resource === undefined && principal?.includes(':iam:') === true
  const identity = statement.actions.values.some((action) => action.endsWith(':SetSourceIdentity'))
  return new Map<string, RequestFact>([
    ['aws:securetransport', literalPattern('true')],
    ['aws:principalisawsservice', literalPattern(String(principal?.startsWith('Service:') === true))],
    ...(trust
      ? ([
          ['sts:externalid', 'absent'],
          // Absent with long-lived keys, false with temporary keys.
          ['aws:multifactorauthpresent', { absentOr: literalPattern('false') }],
        ] as const)
      : []),
    ...(trust && !identity ? ([['sts:sourceidentity', 'absent']] as const) : []),
    ...[...variablesOf(caller)].map(([key, value]) => [key, literalPattern(value)] as const),
    ...conditions.map(({ operator, key, values }) => [key, conditionPattern(operator, values[0] ?? '')] as const),
  ])
}

function missingFinding(statement: PolicyStatement, judged: readonly Judged[]): readonly PolicyFinding[] {
  const missing = judged.flatMap(({ grant, answer }) => (answer.is === 'missing' ? [{ grant, answer }] : []))
  if (missing.length === 0) return []
  const actions = unique(missing.map(({ grant }) => grant.action))
  const resources = unique(missing.map(({ grant }) => grant.resource))
  const principals = unique(missing.map(({ grant }) => grant.principal))
  const reasons = unique(missing.map(({ answer }) => answer.reason))
  const on = resources.length === 0 ? '' : ` on ${resources.join(', ')}`
  const by = principals.length === 0 ? '' : ` for ${principals.join(', ')}`
  const under = conditionKeys(statement)
  const add: PolicyStatement = {
    ...statement,
    Action: oneOrMore(actions),
    ...(resources.length > 0 && { Resource: oneOrMore(resources) }),
  }
  const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
  return [{ kind: 'missing', message: `${actions.join(', ')}${on}${by}${under} is not allowed${why}`, add }]
}

function conditionKeys({ Condition = {} }: PolicyStatement): string {
  const keys = Object.values(Condition).flatMap((tests) => Object.keys(tests))
  return keys.length === 0 ? '' : ` with ${keys.join(' and ')}`
}

function unclearFindings(judged: readonly Judged[]): readonly PolicyFinding[] {
  const found = new Map<string, PolicyFinding>()
  for (const { grant, answer } of judged) {
    if (answer.is !== 'unclear') continue
    const message = `whether ${grant.action} is allowed is not certain: ${answer.reason}`
    found.set(`${answer.statement} ${message}`, { kind: 'unclear', statement: answer.statement, message })
  }
  return [...found.values()]
}

function unique(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.flatMap((value) => value ?? []))]
}
