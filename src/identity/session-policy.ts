import { CrosstrailError } from '../error.ts'
import type { AccountId } from '../trail/account-id.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { RoleLink } from './role-chain.ts'

/** STS: the most characters of a session policy. */
const longestPolicy = 2_048

/** The verbs a session can be narrowed to. */
export type PolicyVerb = keyof typeof statementsByVerb

export interface SessionPolicyRequest {
  readonly verb: PolicyVerb
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
  const base = escapeWildcards(trailBase(request.trail))
  const wide = compactPolicy(statements(request, [`${base}*`]))
  if (wide.length > longestPolicy) throw doesNotFit(wide.length)
  if (request.logAccounts === 'all') return { json: wide, coarse: false }
  const narrow = compactPolicy(
    statements(
      request,
      request.logAccounts.map((account) => `${base}${account}/*`),
    ),
  )
  return narrow.length > longestPolicy ? { json: wide, coarse: true } : { json: narrow, coarse: false, coarser: wide }
}

/**
 * For a role on the way: it may assume the next role and nothing else. `carriesIdentity`: whether the chain has a source identity, which
 * STS hands on with every call, so that each of them needs the right to set it.
 */
export function hopPolicy(next: RoleLink, carriesIdentity: boolean): string {
  const actions = [
    'sts:AssumeRole',
    ...(Object.keys(next.tags).length > 0 ? ['sts:TagSession'] : []),
    ...(carriesIdentity ? ['sts:SetSourceIdentity'] : []),
  ]
  return compactPolicy([{ Effect: 'Allow', Action: actions, Resource: next.role }])
}

interface Statement {
  readonly Effect: 'Allow'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

interface Scope {
  readonly request: SessionPolicyRequest
  readonly bucketArn: string
  /** Of keys. */
  readonly patterns: readonly string[]
}

/** What each verb may do. `buckets` shows those of Account A, `store` writes copies where another session reads them; `undelete` removes delete markers. */
const statementsByVerb = {
  buckets: () => [{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }],
  list: ({ bucketArn, patterns }: Scope) => [listBucket(bucketArn, patterns)],
  download: (scope: Scope) => reading(scope),
  copy: (scope: Scope) => [
    ...reading(scope, ['s3:GetObjectTagging', ...(scope.request.thaw === true ? ['s3:RestoreObject'] : [])]),
    ...storing(scope),
  ],
  store: (scope: Scope) => storing(scope),
  delete: (scope: Scope) => [
    ...reading(scope, ['s3:DeleteObject', ...(scope.request.versions === true ? versionActions(scope) : [])]),
    {
      Effect: 'Allow',
      Action: ['s3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration'],
      Resource: scope.bucketArn,
    },
    ...(scope.request.versions === true ? [listVersions(scope)] : []),
    ...(scope.request.target === undefined ? [] : readingTwins(scope, scope.request.target)),
  ],
  undelete: (scope: Scope) => [
    listVersions(scope),
    { Effect: 'Allow', Action: 's3:DeleteObjectVersion', Resource: objectArns(scope) },
  ],
} satisfies Record<string, (scope: Scope) => readonly Statement[]>

function reading(scope: Scope, more: readonly string[] = []): readonly Statement[] {
  return [
    listBucket(scope.bucketArn, scope.patterns),
    { Effect: 'Allow', Action: single(['s3:GetObject', ...more]), Resource: objectArns(scope) },
    // The key is unknown here, and its own policy has the last word. S3's name ends differently in each partition.
    { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*', Condition: throughS3 },
  ]
}

function storing({ request }: Scope): readonly Statement[] {
  if (request.target === undefined) return []
  const { bucketArn, pattern } = targetScope(request, request.target)
  return [
    listBucket(bucketArn, [pattern]),
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging', 's3:PutObjectAcl', 's3:AbortMultipartUpload'],
      Resource: `${bucketArn}/${pattern}`,
    },
    { Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: '*', Condition: throughS3 },
  ]
}

function readingTwins({ request }: Scope, target: NonNullable<SessionPolicyRequest['target']>): readonly Statement[] {
  const { bucketArn, pattern } = targetScope(request, target)
  return [
    listBucket(bucketArn, [pattern]),
    { Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/${pattern}` },
  ]
}

const throughS3 = { StringLike: { 'kms:ViaService': 's3.*' } }

function targetScope(request: SessionPolicyRequest, target: NonNullable<SessionPolicyRequest['target']>) {
  return { bucketArn: `arn:${request.partition}:s3:::${target.bucket}`, pattern: `${escapeWildcards(target.prefix)}*` }
}

function versionActions({ request }: Scope): readonly string[] {
  const bypass = request.bypassGovernance === true ? ['s3:BypassGovernanceRetention'] : []
  return ['s3:DeleteObjectVersion', 's3:GetObjectRetention', 's3:GetObjectLegalHold', ...bypass]
}

function listVersions({ bucketArn, patterns }: Scope): Statement {
  return { ...listBucket(bucketArn, patterns), Action: 's3:ListBucketVersions' }
}

function objectArns({ bucketArn, patterns }: Scope): string | readonly string[] {
  return single(patterns.map((pattern) => `${bucketArn}/${pattern}`))
}

function listBucket(bucketArn: string, patterns: readonly string[]): Statement {
  return {
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: bucketArn,
    Condition: { StringLike: { 's3:prefix': single(patterns) } },
  }
}

function statements(request: SessionPolicyRequest, patterns: readonly string[]): readonly Statement[] {
  const bucketArn = `arn:${request.partition}:s3:::${request.trail.bucket}`
  return statementsByVerb[request.verb]({ request, bucketArn, patterns })
}

function single(values: readonly string[]): string | readonly string[] {
  const [first, ...rest] = values
  return first !== undefined && rest.length === 0 ? first : values
}

function trailBase({ prefix, organization }: TrailLayout): string {
  return [prefix, 'AWSLogs', organization].filter((part) => part !== undefined && part !== '').join('/') + '/'
}

/** In a policy `*`, `?` and `$` mean something; in a key they are letters. */
function escapeWildcards(text: string): string {
  return text.replaceAll(/[*?$]/g, (letter) => `\${${letter}}`)
}

/** STS takes characters up to U+00FF; the others go as JSON escapes. */
function compactPolicy(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements }).replaceAll(
    /[^\u0020-\u007e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
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
