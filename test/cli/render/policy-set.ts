import type { Account, Config } from '../../../src/config/config.ts'
import { policiesFor, type PolicySet } from '../../../src/verbs/policy/policies.ts'
import type { PolicyOptions } from '../../../src/verbs/policy/options.ts'
import { account, config } from '../fixture.ts'

export const keyArn = 'arn:aws:kms:us-east-1:111111111111:key/1-a'

/** B; C on an instance, with a hop; Z, a third party with all rights and sessions of two hours. */
export const sharers: readonly Account[] = [
  account('B'),
  account('C', {
    id: '333333333333' as Account['id'],
    credentials: { type: 'ec2' },
    via: [{ role: 'arn:aws:iam::333333333333:role/AssumeRoleInA' }],
  }),
  account('Z', {
    id: '444444444444' as Account['id'],
    credentials: { type: 'env' },
    externalId: 'z-secret-external-id-9876',
    durationSeconds: 7_200,
    reads: 'all',
    allow: ['list', 'download', 'copy', 'delete'],
  }),
]

/** The policies of all three accounts, including keys and buckets. `prefix` is the trail's. */
export function policySet(changes: PolicyOptions = {}, prefix = ''): PolicySet {
  const asked: Config = { ...config, trail: { ...config.trail, prefix }, accounts: sharers }
  const copies = { keyArn, copyTo: 's3://archive/x/', rights: { versions: true } }
  return policiesFor({ ...copies, byBucketPolicy: true, ...changes }, asked)
}

/** The policies and settings of B and Z, each with a queue of its own. */
export function queueSet(changes: PolicyOptions = {}): PolicySet {
  const accounts = sharers
    .filter(({ label }) => label !== 'C')
    .map((one) =>
      Object.assign({}, one, {
        sqs: { url: `https://sqs.us-east-1.amazonaws.com/${one.id}/new-logs`, region: undefined },
      }),
    )
  return policiesFor(changes, { ...config, accounts })
}
