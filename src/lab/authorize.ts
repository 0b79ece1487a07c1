import type { AccountId } from '../trail/account-id.ts'
import type { Caller } from './authenticate.ts'
import type { RequestContext } from './conditions.ts'
import { verdictOf, type PolicyDocument, type Verdict } from './evaluate-policy.ts'

export interface Access {
  readonly action: string
  readonly resource: string
  readonly context: RequestContext
  /** The account that owns the resource. */
  readonly owner: AccountId
  readonly bucketPolicy?: PolicyDocument | undefined
  /** The trust policy of the role that is the resource. */
  readonly trustPolicy?: PolicyDocument | undefined
}

/**
 * Returns why a caller may not do something, in AWS's words; undefined if it may. Across accounts both sides must allow: the caller's own
 * policies and the resource's. Inside an account either is enough, except that a role's trust policy must always allow. A session policy
 * only restricts.
 */
export function denial(caller: Caller, access: Access): string | undefined {
  const question = { action: access.action, resource: access.resource, context: access.context }
  const identity = identityVerdict(caller, question)
  const session = caller.session?.policy === undefined ? 'allow' : verdictOf(caller.session.policy, question)
  const { named, delegated } = resourceVerdicts(caller, access)

  if (identity === 'deny') return 'with an explicit deny in an identity-based policy'
  if (session === 'deny') return 'with an explicit deny in a session policy'
  if (named === 'deny' || delegated === 'deny') return 'with an explicit deny in a resource-based policy'

  const sameAccount = caller.account === access.owner
  if (identity !== 'allow' && !(sameAccount && named === 'allow')) {
    return `because no identity-based policy allows the ${access.action} action`
  }
  const resourceMustAllow = !sameAccount || access.trustPolicy !== undefined
  if (resourceMustAllow && named !== 'allow' && delegated !== 'allow') {
    return `because no resource-based policy allows the ${access.action} action`
  }
  return session === 'allow' ? undefined : `because no session policy allows the ${access.action} action`
}

/** Returns the facts about the caller of every request: the `aws:` keys of conditions and policy variables. */
export function callerContext(caller: Caller): Map<string, string> {
  const { user, session } = caller
  const context = new Map([
    ['aws:principalarn', session?.role.arn ?? caller.arn],
    ['aws:principalaccount', caller.account],
    ['aws:securetransport', 'false'],
  ])
  if (user !== undefined) context.set('aws:username', user.name)
  if (session === undefined) return context
  context.set('aws:userid', session.userId).set('aws:multifactorauthpresent', String(session.mfaPresent))
  if (session.sourceIdentity !== undefined) context.set('aws:sourceidentity', session.sourceIdentity)
  for (const [key, value] of session.tags) context.set(`aws:principaltag/${key.toLowerCase()}`, value)
  return context
}

type Question = Pick<Access, 'action' | 'resource' | 'context'>

function identityVerdict(caller: Caller, question: Question): Verdict {
  const holder = caller.user ?? caller.session?.role
  if (holder === undefined) return 'allow'
  const verdicts = new Set(holder.policies.map((policy) => verdictOf(policy, question)))
  if (verdicts.has('deny')) return 'deny'
  return verdicts.has('allow') ? 'allow' : 'silent'
}

// A policy that names an account leaves the decision to that account's own policies; one that names the caller itself grants.
function resourceVerdicts(caller: Caller, access: Access): { named: Verdict; delegated: Verdict } {
  const policy = access.trustPolicy ?? access.bucketPolicy
  if (policy === undefined) return { named: 'silent', delegated: 'silent' }
  const { action, context } = access
  const question = { action, context, resource: access.trustPolicy === undefined ? access.resource : undefined }
  return {
    named: verdictOf(policy, { ...question, principals: callerNames(caller) }),
    delegated: verdictOf(policy, { ...question, principals: accountNames(caller.account) }),
  }
}

function callerNames(caller: Caller): string[] {
  return caller.session === undefined ? [caller.arn] : [caller.arn, caller.session.role.arn]
}

function accountNames(account: AccountId): string[] {
  return [account, `arn:aws:iam::${account}:root`]
}
