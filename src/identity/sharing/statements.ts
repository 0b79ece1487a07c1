import { arnPartition } from '../../trail/region.ts'
import { type OneOrMore, type PolicyConditions, type PolicyStatement, oneOrMore } from '../policy-document.ts'
import type { RoleLink } from '../role-chain.ts'
import { keyPatterns, needStatement, type SharingNeed } from './need-statements.ts'
import type { SharingAccount, SharingExtras, SharingTrail } from './sharing-account.ts'

/**
 * The statement of a role's trust policy: who may assume it, under which conditions. `trusted` is the ARN of a user or role, or
 * `arn:…:iam::ID:root`. `carriesIdentity`: whether the call carries a source identity, set here or passed on from an earlier role.
 */
export function trustStatement(
  link: RoleLink,
  trusted: string,
  carriesIdentity: boolean = link.sourceIdentity !== undefined,
): PolicyStatement {
  const conditions: PolicyConditions = {
    ...(link.externalId !== undefined && { StringEquals: { 'sts:ExternalId': link.externalId } }),
    ...(link.mfaSerial !== undefined && { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
  }
  return {
    Sid: 'AllowAssumeRole',
    Effect: 'Allow',
    Principal: { AWS: trusted },
    Action: assumeActions(link, carriesIdentity),
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  }
}

/** The statement of the trust policy of a role that a service (`ec2.amazonaws.com`) provides to its machines. */
export function serviceTrustStatement(service: string): PolicyStatement {
  return { Sid: 'AllowService', Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }
}

/** The statement of the trust policy of a role that EKS provides to its pods. EKS tags every session. */
export function podTrustStatement(): PolicyStatement {
  return {
    Sid: 'AllowPods',
    Effect: 'Allow',
    Principal: { Service: 'pods.eks.amazonaws.com' },
    Action: ['sts:AssumeRole', tagSession],
  }
}

const tagSession = 'sts:TagSession'
const podTagsSid = 'AllowPodTags'

/**
 * Returns `statement`, and if the account may call from an EKS pod, also the statement that allows session tags. The tags of the pod's
 * session go with every role that is assumed from there. An ECS task does not need that right.
 */
export function withPodTags(
  statement: PolicyStatement,
  { credentials }: Pick<SharingAccount, 'credentials'>,
): readonly PolicyStatement[] {
  if (credentials.type !== 'ecs' || [statement.Action].flat().includes(tagSession)) return [statement]
  return [statement, { ...statement, Sid: podTagsSid, Action: tagSession }]
}

/** Returns whether only an EKS pod needs a statement. */
export function isOfPodTags({ Sid }: PolicyStatement): boolean {
  return Sid?.startsWith(podTagsSid) === true
}

/** The statement of the caller's identity policy: it may assume the link's role. `carriesTags`: whether the caller's session may have tags. */
export function assumeStatement(
  link: RoleLink,
  carriesIdentity: boolean = link.sourceIdentity !== undefined,
  carriesTags: boolean = false,
): PolicyStatement {
  const Action = assumeActions(link, carriesIdentity, carriesTags)
  return { Sid: 'AssumeRole', Effect: 'Allow', Action, Resource: link.role }
}

/** The statement of the permission policy of the role that the account assumes last. */
export function roleStatement(
  need: SharingNeed,
  account: SharingAccount,
  trail: SharingTrail,
  extras: SharingExtras = {},
): PolicyStatement {
  const patterns = keyPatterns(trail, readLogAccounts(account))
  const partition = arnPartition(account.role) ?? 'aws'
  return needStatement(need, { ...extras, partition, bucket: trail.bucket, region: trail.region, patterns })
}

/** The statement of the bucket's own policy. It grants `principalArn` the same rights as the role's policy. */
export function bucketStatement(
  need: SharingNeed,
  account: SharingAccount,
  trail: SharingTrail,
  principalArn: OneOrMore,
  extras: SharingExtras = {},
): PolicyStatement {
  return withPrincipal(roleStatement(need, account, trail, extras), principalArn)
}

/** The statement of a KMS key's own policy, where `*` means that key. `need`: `decrypt` for the logs' key, `encryptCopies` for the copies' key. */
export function keyStatement(
  account: SharingAccount,
  trail: SharingTrail,
  principalArn: OneOrMore,
  extras: SharingExtras = {},
  need: 'decrypt' | 'encryptCopies' = 'decrypt',
): PolicyStatement {
  return { ...bucketStatement(need, account, trail, principalArn, extras), Resource: '*' }
}

export function readLogAccounts({ id, reads }: Pick<SharingAccount, 'id' | 'reads'>): 'all' | readonly string[] {
  return reads === 'own' ? [id] : reads
}

function withPrincipal({ Sid, Effect, ...rest }: PolicyStatement, principal: OneOrMore): PolicyStatement {
  return { ...(Sid !== undefined && { Sid }), Effect, Principal: { AWS: principal }, ...rest }
}

function assumeActions(link: RoleLink, carriesIdentity: boolean, carriesTags: boolean = false): OneOrMore {
  return oneOrMore([
    'sts:AssumeRole',
    ...(carriesTags || Object.keys(link.tags).length > 0 ? [tagSession] : []),
    ...(carriesIdentity ? ['sts:SetSourceIdentity'] : []),
  ])
}
