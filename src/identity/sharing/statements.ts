import { arnPartition } from '../../trail/region.ts'
import { type OneOrMore, type PolicyConditions, type PolicyStatement, oneOrMore } from '../policy-document.ts'
import type { RoleLink } from '../role-chain.ts'
import { keyPatterns, needStatement, type SharingNeed } from './need-statements.ts'
import type { SharingAccount, SharingExtras, SharingTrail } from './sharing-account.ts'

/**
 * For a role's trust policy: who may assume it, under which conditions. `trusted` is an ARN: of a user or role, or `arn:…:iam::ID:root`.
 * `carriesIdentity`: whether a source identity comes with the call, set here or handed on from an earlier role.
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

/** For the trust policy of a role that a service hands to its machines: `ec2.amazonaws.com`. */
export function serviceTrustStatement(service: string): PolicyStatement {
  return { Sid: 'AllowService', Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }
}

/** For an identity policy of the caller: it may assume the link's role. */
export function assumeStatement(
  link: RoleLink,
  carriesIdentity: boolean = link.sourceIdentity !== undefined,
): PolicyStatement {
  return { Sid: 'AssumeRole', Effect: 'Allow', Action: assumeActions(link, carriesIdentity), Resource: link.role }
}

/** For the permission policy of the role that the account assumes last. */
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

/** For the bucket's own policy: the same as the role's, said by the bucket of `principalArn`. */
export function bucketStatement(
  need: SharingNeed,
  account: SharingAccount,
  trail: SharingTrail,
  principalArn: OneOrMore,
  extras: SharingExtras = {},
): PolicyStatement {
  return withPrincipal(roleStatement(need, account, trail, extras), principalArn)
}

/** For the policy of the KMS key itself, where `*` means that key: `need` is `decrypt` for the logs' key, `encryptCopies` for the copies'. */
export function keyStatement(
  account: SharingAccount,
  trail: SharingTrail,
  principalArn: OneOrMore,
  extras: SharingExtras = {},
  need: 'decrypt' | 'encryptCopies' = 'decrypt',
): PolicyStatement {
  return { ...bucketStatement(need, account, trail, principalArn, extras), Resource: '*' }
}

/** The log accounts that an account reads. */
export function readLogAccounts({ id, reads }: Pick<SharingAccount, 'id' | 'reads'>): 'all' | readonly string[] {
  return reads === 'own' ? [id] : reads
}

function withPrincipal({ Sid, Effect, ...rest }: PolicyStatement, principal: OneOrMore): PolicyStatement {
  return { ...(Sid !== undefined && { Sid }), Effect, Principal: { AWS: principal }, ...rest }
}

function assumeActions(link: RoleLink, carriesIdentity: boolean): OneOrMore {
  return oneOrMore([
    'sts:AssumeRole',
    ...(Object.keys(link.tags).length > 0 ? ['sts:TagSession'] : []),
    ...(carriesIdentity ? ['sts:SetSourceIdentity'] : []),
  ])
}
