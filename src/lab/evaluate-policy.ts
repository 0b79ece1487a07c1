import {
  conditionsHold,
  isKnownOperator,
  substituteVariables,
  type Conditions,
  type RequestContext,
} from './conditions.ts'
import { ServiceError } from './error-answer.ts'
import { matchesWildcard } from './wildcard.ts'

type OneOrMany = string | readonly string[]

export interface PolicyStatement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: '*' | { readonly AWS?: OneOrMany; readonly Service?: OneOrMany }
  readonly Action?: OneOrMany
  readonly NotAction?: OneOrMany
  readonly Resource?: OneOrMany
  readonly NotResource?: OneOrMany
  readonly Condition?: Conditions
}

/** A policy document as AWS writes it. */
export interface PolicyDocument {
  readonly Version?: string
  readonly Id?: string
  readonly Statement: PolicyStatement | readonly PolicyStatement[]
}

/** A question to a policy. */
export interface PolicyQuestion {
  readonly action: string
  /** Undefined for trust policies, which have no `Resource`. */
  readonly resource?: string | undefined
  readonly context: RequestContext
  /** The names of the caller in a `Principal` element; undefined for identity and session policies, which have none. */
  readonly principals?: readonly string[] | undefined
}

export type Verdict = 'allow' | 'deny' | 'silent'

/** Returns a policy's answer: an explicit Deny wins over every Allow. */
export function verdictOf(policy: PolicyDocument, question: PolicyQuestion): Verdict {
  const applying = statementsOf(policy).filter((statement) => applies(statement, question))
  if (applying.some((statement) => statement.Effect === 'Deny')) return 'deny'
  return applying.length > 0 ? 'allow' : 'silent'
}

/** What a policy is attached to. Only a role's trust policy has no `Resource`: the role is the resource. */
export type PolicyKind = 'identity' | 'bucket' | 'trust'

/**
 * Parses a policy document.
 * @throws {ServiceError} `MalformedPolicyDocument`, also for condition operators that the lab does not know
 */
export function parsePolicy(json: string, kind: PolicyKind): PolicyDocument {
  let policy: unknown
  try {
    policy = JSON.parse(json)
  } catch {
    throw malformed('This policy contains invalid Json')
  }
  if (!isPolicy(policy, kind)) throw malformed('Syntax errors in policy.')
  return policy
}

function statementsOf(policy: PolicyDocument): readonly PolicyStatement[] {
  return Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement as PolicyStatement]
}

function applies(statement: PolicyStatement, question: PolicyQuestion): boolean {
  return (
    principalMatches(statement, question.principals) &&
    actionMatches(statement, question.action) &&
    resourceMatches(statement, question) &&
    conditionsHold(statement.Condition ?? {}, question.context)
  )
}

function principalMatches(statement: PolicyStatement, principals: readonly string[] | undefined): boolean {
  if (principals === undefined) return true
  if (statement.Principal === undefined) return false
  if (statement.Principal === '*') return true
  const named = [...many(statement.Principal.AWS), ...many(statement.Principal.Service)]
  return named.some((name) => name === '*' || principals.includes(name))
}

function actionMatches(statement: PolicyStatement, action: string): boolean {
  const wanted = action.toLowerCase()
  const listed = (actions: OneOrMany): boolean =>
    many(actions).some((pattern) => matchesWildcard(wanted, pattern.toLowerCase()))
  return statement.NotAction === undefined ? listed(statement.Action ?? []) : !listed(statement.NotAction)
}

function resourceMatches(statement: PolicyStatement, { resource, context }: PolicyQuestion): boolean {
  if (resource === undefined) return true
  const listed = (resources: OneOrMany): boolean =>
    many(resources).some((pattern) => matchesWildcard(resource, substituteVariables(pattern, context)))
  return statement.NotResource === undefined ? listed(statement.Resource ?? []) : !listed(statement.NotResource)
}

function many(values: OneOrMany | undefined): readonly string[] {
  if (values === undefined) return []
  return typeof values === 'string' ? [values] : values
}

function isPolicy(value: unknown, kind: PolicyKind): value is PolicyDocument {
  if (!isRecord(value) || value['Statement'] === undefined) return false
  const statements: unknown[] = Array.isArray(value['Statement']) ? value['Statement'] : [value['Statement']]
  return statements.length > 0 && statements.every((statement) => isRecord(statement) && isStatement(statement, kind))
}

function isStatement(statement: Record<string, unknown>, kind: PolicyKind): boolean {
  const { Effect, Principal, Action, NotAction, Resource, NotResource, Condition = {} } = statement
  if (Effect !== 'Allow' && Effect !== 'Deny') return false
  if ((Action === undefined) === (NotAction === undefined)) return false
  if ((Principal === undefined) !== (kind === 'identity')) return false
  if ((Resource === undefined) === (NotResource === undefined) && kind !== 'trust') return false
  if (!isRecord(Condition)) return false
  return Object.entries(Condition).every(([operator, keys]) => isKnownOperator(operator) && isRecord(keys))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(message: string): ServiceError {
  return new ServiceError(400, 'MalformedPolicyDocument', message)
}
