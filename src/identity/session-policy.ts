import { CrosstrailError } from '../error.ts'
import type { AccountId } from '../trail/account-id.ts'
import { topBase } from '../trail/key-prefix.ts'
import type { TrailLayout } from '../trail/trail.ts'
import { doctorStatement } from './doctor-policy.ts'
import {
  compactPolicy,
  escapeWildcards,
  mergedStatements,
  policyDocument,
  type PolicyStatement,
} from './policy-document.ts'
import type { RoleLink } from './role-chain.ts'
import type { SharedQueue } from './sharing/announcing.ts'
import { keyPatterns, needStatement, type SharingNeed } from './sharing/need-statements.ts'
import { inspectStatement, readerStatements } from './sharing/queue-statements.ts'
import { assumeStatement } from './sharing/statements.ts'

/** STS: the maximum length of a session policy, in characters. */
const longestPolicy = 2_048

export interface SessionPolicyRequest {
  readonly needs: readonly SharingNeed[]
  /** True to test whether the role itself has these rights. The session then gets no right that writes. */
  readonly probes?: boolean | undefined
  readonly trail: TrailLayout & { readonly bucket: string }
  /** The log accounts to read. `all`: every one under the trail. */
  readonly logAccounts: 'all' | readonly AccountId[]
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string
  /** The other place: where copies go, or where a delete looks for identical copies of what it removes. */
  readonly target?: { readonly bucket: string; readonly prefix: string } | undefined
  /** The queue from which the credentials to start with receive. The session itself gets no right on it. */
  readonly queue?: SharedQueue | undefined
}

/** A session policy as compact JSON of at most 2,048 characters. */
export interface SessionPolicy {
  readonly json: string
  /** True if it allows the whole trail, because naming the log accounts would not fit. */
  readonly coarse: boolean
  /** The fallback if STS finds `json` too large once packed with the tags. */
  readonly coarser?: string | undefined
  /** What the credentials to start with may do, besides assuming a role: what any account may do, if the role may not, and receive from a queue. */
  readonly starting?: readonly PolicyStatement[] | undefined
}

/**
 * Returns the narrowest policy for these needs on a trail: no other action, and nothing outside of the trail's own keys.
 * If the log accounts do not fit, it allows the whole trail, never more.
 * Throws `access.policy-too-large` if even that does not fit.
 */
export function sessionPolicy(request: SessionPolicyRequest): SessionPolicy {
  const wide = policyFor(request, keyPatterns(request.trail, 'all'))
  if (wide.length > longestPolicy) throw doesNotFit(wide.length)
  const starting = startingStatements(request)
  if (request.logAccounts === 'all') {
    const looking = policyFor(request, keyPatterns(request.trail, 'all'), besideOrganization(request))
    return { json: looking.length > longestPolicy ? wide : looking, coarse: false, ...starting }
  }
  const narrow = policyFor(request, keyPatterns(request.trail, request.logAccounts))
  return narrow.length > longestPolicy
    ? { json: wide, coarse: true, ...starting }
    : { json: narrow, coarse: false, coarser: wide, ...starting }
}

/** CloudTrail's public keys are the same for every account, so the credentials to start with may list them as well as the role. */
function startingStatements(request: SessionPolicyRequest): Pick<SessionPolicy, 'starting'> {
  const { needs, probes = false, trail, partition, queue } = request
  const keys = needs.includes('listPublicKeys')
    ? [needStatement('listPublicKeys', { partition, bucket: trail.bucket, patterns: [] })]
    : []
  const ofQueue = queue === undefined ? [] : queueStatements(queue, probes)
  const starting = [...keys, ...ofQueue]
  return starting.length === 0 ? {} : { starting }
}

/** The key of the queue is not known, so any key may decrypt, but only through SQS. */
function queueStatements(queue: SharedQueue, probes: boolean): readonly PolicyStatement[] {
  return probes ? [inspectStatement(queue)] : readerStatements(queue, { queueKeyArn: '*' })
}

/** Lets a role assume the next role only, and do what `more` says. `carriesIdentity`: STS passes a source identity on, so each call needs the right to set it. */
export function hopPolicy(
  next: RoleLink,
  carriesIdentity: boolean,
  carriesTags: boolean = false,
  more: readonly PolicyStatement[] = [],
): string {
  const statements = [assumeStatement(next, carriesIdentity, carriesTags), ...more]
  return compactPolicy(policyDocument(statements.map(withoutSid)))
}

/** Lets a session check whether folders of single accounts lie beside an organization's folder. It sees their names, not the names of logs. */
function besideOrganization({ needs, probes, trail, partition }: SessionPolicyRequest): readonly PolicyStatement[] {
  if (trail.organization === undefined || probes === true || !needs.includes('list')) return []
  const Condition = { StringEquals: { 's3:prefix': escapeWildcards(topBase(trail)), 's3:delimiter': '/' } }
  return [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:${partition}:s3:::${trail.bucket}`, Condition }]
}

function policyFor(
  request: SessionPolicyRequest,
  patterns: readonly string[],
  more: readonly PolicyStatement[] = [],
): string {
  const { needs, probes = false, trail, partition, target } = request
  const scope = { partition, bucket: trail.bucket, patterns, target }
  const statements = needs.flatMap((need) => (probes ? doctorStatement(need, scope) : needStatement(need, scope)))
  return compactPolicy(policyDocument(mergedStatements([...statements.map(withoutSid), ...more])))
}

/** A session policy has no room for Sids. */
function withoutSid({ Effect, Action, Resource, Condition }: PolicyStatement): PolicyStatement {
  return { Effect, Action, ...(Resource !== undefined && { Resource }), ...(Condition !== undefined && { Condition }) }
}

function doesNotFit(characters: number): CrosstrailError {
  const message = `a session policy for this trail has ${characters} characters, but STS accepts at most ${longestPolicy}`
  return new CrosstrailError('access.policy-too-large', message, {
    hint: 'run with --no-session-policy: then only the policies of the role limit the session',
    facts: { characters },
  })
}
