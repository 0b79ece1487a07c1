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
  /** True for what shows the buckets of Account A. */
  readonly buckets?: boolean | undefined
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

/** For a role on the way: it may assume the next role and nothing else. */
export function hopPolicy(next: RoleLink): string {
  const actions = [
    'sts:AssumeRole',
    ...(Object.keys(next.tags).length > 0 ? ['sts:TagSession'] : []),
    ...(next.sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ]
  return compactPolicy([{ Effect: 'Allow', Action: actions, Resource: next.role }])
}

interface Statement {
  readonly Effect: 'Allow'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** What each verb may do on keys that match `patterns`, in the bucket of that ARN. */
const statementsByVerb = {
  list: (bucketArn: string, patterns: readonly string[]): readonly Statement[] => [listBucket(bucketArn, patterns)],
  download: (bucketArn: string, patterns: readonly string[]): readonly Statement[] => [
    listBucket(bucketArn, patterns),
    { Effect: 'Allow', Action: 's3:GetObject', Resource: single(patterns.map((pattern) => `${bucketArn}/${pattern}`)) },
    // The key is unknown here, and its own policy has the last word. S3's name ends differently in each partition.
    { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*', Condition: { StringLike: { 'kms:ViaService': 's3.*' } } },
  ],
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
  const narrowed = statementsByVerb[request.verb](bucketArn, patterns)
  return request.buckets === true
    ? [...narrowed, { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }]
    : narrowed
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
