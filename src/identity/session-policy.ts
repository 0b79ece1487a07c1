import { CrosstrailError } from '../error.ts'
import type { AccountId } from '../trail/account-id.ts'
import { topBase } from '../trail/key-prefix.ts'
import type { TrailLayout } from '../trail/trail.ts'
import { doctorStatements, type ProbedVerb } from './doctor-policy.ts'
import {
  compactPolicy,
  escapeWildcards,
  mergedStatements,
  policyDocument,
  type PolicyStatement,
} from './policy-document.ts'
import type { RoleLink } from './role-chain.ts'
import { keyPatterns, needStatement, type SharingNeed } from './sharing/need-statements.ts'
import { assumeStatement } from './sharing/statements.ts'

/** STS: the most characters of a session policy. */
const longestPolicy = 2_048

/** The verbs a session can be narrowed to. */
export type PolicyVerb = keyof typeof needsByVerb | 'doctor'

export interface SessionPolicyRequest {
  readonly verb: PolicyVerb
  /** Verbs that the same session is to be good for as well. */
  readonly also?: readonly PolicyVerb[] | undefined
  readonly trail: TrailLayout & { readonly bucket: string }
  /** The log accounts to be read. `all`: every one under the trail. */
  readonly logAccounts: 'all' | readonly AccountId[]
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string
  /** The other place: where copies go, or where a delete looks for the twins of what it removes. */
  readonly target?: { readonly bucket: string; readonly prefix: string } | undefined
  /** True to ask for archived objects to be made readable. */
  readonly thaw?: boolean | undefined
  /** True to remove versions, locked ones explained. */
  readonly versions?: boolean | undefined
  readonly bypassGovernance?: boolean | undefined
  /** Of `doctor`: the verbs whose rights are looked for beside that to list. */
  readonly probes?: readonly ProbedVerb[] | undefined
}

/** A session policy as compact JSON of at most 2,048 characters. */
export interface SessionPolicy {
  readonly json: string
  /** True when it opens the whole trail, since naming the log accounts would not fit. */
  readonly coarse: boolean
  /** What to fall back to when STS finds `json` too large once packed with the tags. */
  readonly coarser?: string | undefined
}

/**
 * The least a verb needs on a trail: no other action, and nothing outside of the trail's own keys.
 * Where the log accounts do not fit, the trail as a whole is opened, never more.
 * Throws `access.policy-too-large` when not even that fits.
 */
export function sessionPolicy(request: SessionPolicyRequest): SessionPolicy {
  const wide = policyFor(request, keyPatterns(request.trail, 'all'))
  if (wide.length > longestPolicy) throw doesNotFit(wide.length)
  if (request.logAccounts === 'all') {
    const looking = policyFor(request, keyPatterns(request.trail, 'all'), besideOrganization(request))
    return { json: looking.length > longestPolicy ? wide : looking, coarse: false }
  }
  const narrow = policyFor(request, keyPatterns(request.trail, request.logAccounts))
  return narrow.length > longestPolicy ? { json: wide, coarse: true } : { json: narrow, coarse: false, coarser: wide }
}

/**
 * For a role on the way: it may assume the next role and nothing else. `carriesIdentity`: whether the chain has a source identity, which
 * STS hands on with every call, so that each of them needs the right to set it.
 */
export function hopPolicy(next: RoleLink, carriesIdentity: boolean, carriesTags: boolean = false): string {
  return compactPolicy(policyDocument([withoutSid(assumeStatement(next, carriesIdentity, carriesTags))]))
}

/** What each verb needs. `buckets` shows those of Account A, `store` writes copies where another session reads them; `undelete` removes delete markers. */
const needsByVerb = {
  buckets: () => ['listBuckets'],
  list: () => ['list'],
  download: () => reading,
  copy: (request) => [...reading, 'readTags', ...(request.thaw === true ? ['thaw' as const] : []), ...storing(request)],
  store: (request) => storing(request),
  delete: (request) => [
    ...reading,
    'delete',
    ...(request.versions === true ? removingVersions(request) : []),
    'readProtection',
    ...(request.target === undefined ? [] : (['listCopies', 'readCopies'] as const)),
  ],
  undelete: () => ['listVersions', 'deleteVersions'],
} as const satisfies Record<string, (request: SessionPolicyRequest) => readonly SharingNeed[]>

const reading = ['list', 'read', 'decrypt'] as const

function storing({ target }: SessionPolicyRequest): readonly SharingNeed[] {
  return target === undefined ? [] : ['listCopies', 'readCopies', 'store', 'storeAcl', 'encryptCopies']
}

function removingVersions({ bypassGovernance }: SessionPolicyRequest): readonly SharingNeed[] {
  const bypass = bypassGovernance === true ? (['bypassGovernance'] as const) : []
  return ['deleteVersions', 'readLocks', ...bypass, 'listVersions']
}

/** Lets a session see whether folders of single accounts lie beside an organization's: their names, and none of a log. */
function besideOrganization({ verb, also = [], trail, partition }: SessionPolicyRequest): readonly PolicyStatement[] {
  const lists = [verb, ...also].some((each) => ['list', 'download', 'copy', 'delete'].includes(each))
  if (trail.organization === undefined || !lists) return []
  const Condition = { StringEquals: { 's3:prefix': escapeWildcards(topBase(trail)), 's3:delimiter': '/' } }
  return [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:${partition}:s3:::${trail.bucket}`, Condition }]
}

function policyFor(
  request: SessionPolicyRequest,
  patterns: readonly string[],
  more: readonly PolicyStatement[] = [],
): string {
  const { verb, also = [], trail, partition, target, probes = [] } = request
  const scope = { partition, bucket: trail.bucket, patterns, target }
  const statements = [verb, ...also].flatMap((each) =>
    each === 'doctor'
      ? doctorStatements(scope, probes)
      : needsByVerb[each](request).map((need) => needStatement(need, scope)),
  )
  return compactPolicy(policyDocument(mergedStatements([...statements.map(withoutSid), ...more])))
}

/** A session policy has no room for names. */
function withoutSid({ Effect, Action, Resource, Condition }: PolicyStatement): PolicyStatement {
  return { Effect, Action, ...(Resource !== undefined && { Resource }), ...(Condition !== undefined && { Condition }) }
}

function doesNotFit(characters: number): CrosstrailError {
  return new CrosstrailError(
    'access.policy-too-large',
    `a session policy for this trail has ${characters} characters, and STS takes ${longestPolicy}`,
    {
      hint: 'run with --no-session-policy: the policies of the role alone then limit the session',
      facts: { characters },
    },
  )
}
