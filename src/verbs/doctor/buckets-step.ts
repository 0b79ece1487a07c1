import { roleStatement } from '../../identity/sharing/statements.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { accountOfArn, policyFix } from './fix.ts'
import { knownError, type Walk } from './walk.ts'

/** Reports whether `list --buckets` works. Nothing else needs that right, so the step never fails. */
export async function tellBuckets(walk: Walk, bucket: DoctorBucket): Promise<void> {
  const { account, trail, signal } = walk
  if (!account.allow.includes('list')) return
  try {
    const count = await bucket.ownBuckets(signal)
    walk.ok('buckets', `s3:ListAllMyBuckets is allowed: list --buckets shows ${count}`, { buckets: count })
  } catch (error) {
    const { code, message } = knownError(error)
    if (code !== 'access.list-buckets-denied') return walk.skip('buckets', `not known: ${message}`)
    const role = { side: 'owner', kind: 'role', attachTo: account.role } as const
    const fix = policyFix(
      { ...role, inAccount: accountOfArn(account.role, trail.owner) },
      roleStatement('listBuckets', account, trail, {}),
    )
    const missing = 's3:ListAllMyBuckets is not allowed, and only list --buckets needs it'
    walk.skip('buckets', `${missing}; --output json prints the statement to add`, {}, [fix])
  }
}
