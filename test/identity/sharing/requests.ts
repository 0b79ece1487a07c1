import * as fc from 'fast-check'
import type { Announcing, SharedQueue } from '../../../src/identity/sharing/announcing.ts'
import type { SharingAccount } from '../../../src/identity/sharing/sharing-account.ts'
import type { SharingRequest } from '../../../src/identity/sharing/sharing-request.ts'
import { neededRights, type OptionRights } from '../../../src/verbs/policy/needed-rights.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { accountB } from '../accounts.ts'

export const accountA = '111111111111' as AccountId

/** Account B as in a config: it lists and downloads its own logs. */
export function sharingB(changes: Partial<SharingAccount> = {}): SharingAccount {
  return { ...accountB(), id: '222222222222' as AccountId, reads: 'own', allow: ['list', 'download'], ...changes }
}

export type AskedSharing = SharingRequest & { readonly rights: OptionRights }

/** The same request with the needs of its accounts. */
export function withNeeds(asked: Omit<AskedSharing, 'needsOf'>): AskedSharing {
  const { rights, extras } = asked
  return { ...asked, needsOf: ({ allow }) => neededRights(allow, rights, extras) }
}

export function request(changes: Partial<Omit<AskedSharing, 'needsOf'>> = {}): AskedSharing {
  return withNeeds({
    trail: { bucket: 'logs', owner: accountA, region: 'us-east-1', prefix: '' },
    accounts: [sharingB()],
    extras: {},
    rights: { versions: true, bypassGovernance: false, thaw: false, acl: false, buckets: false },
    callers: new Map(),
    byBucketPolicy: false,
    ...changes,
  })
}

const id = fc.stringMatching(/^\d{12}$/) as fc.Arbitrary<AccountId>
const externalId = fc.option(fc.stringMatching(/^[\w+=,.@:/-]{2,40}$/), { nil: undefined })
const regions = { aws: 'us-east-1', 'aws-cn': 'cn-north-1', 'aws-us-gov': 'us-gov-west-1' } as const

function queueIn(partition: string): fc.Arbitrary<SharedQueue> {
  const region = regions[partition as keyof typeof regions]
  return fc
    .tuple(fc.constantFrom(accountA, '222222222222' as AccountId), fc.stringMatching(/^[\w-]{1,20}$/))
    .map(([owner, name]) => ({
      url: `https://sqs.${region}.example.com/${owner}/${name}`,
      arn: `arn:${partition}:sqs:${region}:${owner}:${name}`,
      region,
      owner,
    }))
}

function announcingIn(partition: string): fc.Arbitrary<Announcing> {
  const region = regions[partition as keyof typeof regions]
  const key = fc.option(
    fc.constantFrom(accountA, '222222222222').map((id) => `arn:${partition}:kms:${region}:${id}:key/3-c`),
    { nil: undefined },
  )
  return fc.record({
    way: fc.constantFrom('sns', 's3', 'eventbridge', 'cloudtrail'),
    trailArn: fc.constant(`arn:${partition}:cloudtrail:${region}:111111111111:trail/t`),
    topicArn: fc.constantFrom(accountA, '222222222222').map((id) => `arn:${partition}:sns:${region}:${id}:new-logs`),
    topicIsNew: fc.boolean(),
    queueKeyArn: key,
    topicKeyArn: key,
  })
}

function accountIn(partition: string): fc.Arbitrary<SharingAccount> {
  const role = fc.tuple(fc.constantFrom(accountA, '555555555555'), fc.stringMatching(/^[\w+=,.@-]{1,64}$/))
  const roleArn = role.map(([owner, name]) => `arn:${partition}:iam::${owner}:role/${name}`)
  const source = fc.constantFrom<SharingAccount['credentials']>(
    { type: 'env' },
    { type: 'chain' },
    { type: 'ec2' },
    { type: 'ecs' },
    { type: 'profile', profile: 'p' },
    { type: 'webIdentity', tokenFile: '/t', role: `arn:${partition}:iam::222222222222:role/Web` },
  )
  return fc.record({
    label: fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,20}$/),
    id,
    credentials: source,
    via: fc.array(fc.record({ role: roleArn, externalId }), { maxLength: 2 }),
    role: roleArn,
    externalId,
    sessionName: fc.constant('crosstrail'),
    mfa: fc.option(fc.constant('arn:aws:iam::222222222222:mfa/ana'), { nil: undefined }),
    sourceIdentity: fc.option(fc.constant('ana'), { nil: undefined }),
    tags: fc.constantFrom<Record<string, string>>({}, { team: 'audit' }),
    reads: fc.oneof(
      fc.constantFrom('own' as const, 'all' as const),
      fc.uniqueArray(id, { minLength: 1, maxLength: 5 }),
    ),
    allow: fc.uniqueArray(fc.constantFrom('list', 'download', 'copy', 'delete'), { minLength: 1 }),
    stsRegion: fc.constant('us-east-1'),
  })
}

/** Any sharing: all partitions, prefixes with characters that are special in policies, one to three accounts of any kind. */
export const anyRequest: fc.Arbitrary<AskedSharing> = fc
  .constantFrom(...(Object.keys(regions) as (keyof typeof regions)[]))
  .chain((partition) =>
    fc.record({
      trail: fc.record({
        bucket: fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$/),
        owner: fc.constant(accountA),
        region: fc.constant(regions[partition]),
        prefix: fc.string({ unit: fc.constantFrom('a', '*', '?', '$', '{', '}', '/', 'ü', '漢'), maxLength: 12 }),
        organization: fc.option(fc.constant('o-exampleorgid'), { nil: undefined }),
      }),
      accounts: fc.uniqueArray(accountIn(partition), {
        minLength: 1,
        maxLength: 3,
        selector: ({ label }) => label,
      }),
      extras: fc.record({
        target: fc.option(fc.constant({ bucket: 'archive', prefix: 'x/' }), { nil: undefined }),
        targetOwner: fc.option(fc.constant('666666666666' as AccountId), { nil: undefined }),
        keyArn: fc.option(fc.constant(`arn:${partition}:kms:${regions[partition]}:111111111111:key/1-a`), {
          nil: undefined,
        }),
        targetKeyArn: fc.option(fc.constant(`arn:${partition}:kms:eu-west-1:666666666666:key/2-b`), { nil: undefined }),
        trailArn: fc.option(fc.constant(`arn:${partition}:cloudtrail:${regions[partition]}:111111111111:trail/t`), {
          nil: undefined,
        }),
      }),
      rights: fc.record({
        versions: fc.boolean(),
        bypassGovernance: fc.boolean(),
        thaw: fc.boolean(),
        acl: fc.boolean(),
        buckets: fc.boolean(),
      }),
      callers: fc.constant(new Map<string, string>()),
      announcing: fc.option(announcingIn(partition), { nil: undefined }),
      // One for each of the first accounts.
      queueList: fc.array(queueIn(partition), { maxLength: 3 }),
      byBucketPolicy: fc.boolean(),
    }),
  )
  .map(({ queueList, ...asked }) => {
    const queues = new Map(
      asked.accounts.flatMap(({ label }, index) => {
        const queue = queueList[index]
        return queue === undefined ? [] : [[label, queue] as const]
      }),
    )
    return withNeeds({ ...asked, queues })
  })
