import { CrosstrailError } from '../../error.ts'
import { isKmsDenial } from '../../s3/service-error.ts'
import { lacksRight, readDenial } from './denial.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { accountOfArn, configFix, type DoctorFix, hintFix, requesterPaysFix, wordsFix } from './fix.ts'
import { layoutFixes } from './layout-fixes.ts'
import { ownPrefixes } from './log-prefixes.ts'
import { s3Fixes } from './s3-fixes.ts'
import { knownError, type Walk } from './walk.ts'

/**
 * Reports whether the bucket can be reached, its region, and whether it belongs to the owner. Returns whether to continue. If AWS names the
 * missing right to list, the caller is in the owner's account, so the bucket is right and a later step reports the refusal.
 */
export async function lookAtBucket(walk: Walk, bucket: DoctorBucket): Promise<boolean> {
  const { trail } = walk
  const prefix = ownPrefixes(walk.account, trail)[0] ?? ''
  const [head, listing] = await Promise.all([
    settled(bucket.probe.region(walk.signal)),
    settled(bucket.wire.listPage({ prefix, delimiter: '/' }, walk.signal)),
  ])
  const error = listing.error
  if (head.error === undefined || error === undefined || isExplained(error)) {
    tellRegion(walk, bucket.foundRegion() ?? head.value ?? trail.region)
    return true
  }
  const tried = `ListObjectsV2 of s3://${trail.bucket}/${prefix} in ${trail.region}, owned by ${trail.owner}`
  const isDenial = lacksRight(error) && !isKmsDenial(error.message)
  const fixes = isDenial ? await denialFixes(walk, bucket, error) : otherFixes(error)
  walk.failWith('bucket', error, { tried, fixes, facts: { bucket: trail.bucket, owner: trail.owner } })
  return false
}

interface Settled<T> {
  readonly value?: T | undefined
  readonly error?: CrosstrailError | undefined
}

async function settled<T>(answer: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await answer }
  } catch (error) {
    return { error: knownError(error) }
  }
}

/** Whether S3 names the missing right. Then the bucket exists and has the expected owner. */
function isExplained(error: CrosstrailError): boolean {
  return lacksRight(error) && readDenial(error.message).action?.startsWith('s3:') === true
}

function tellRegion(walk: Walk, region: string): void {
  const { bucket, owner, region: configured } = walk.trail
  const facts = { bucket, owner, region }
  if (region === configured) return walk.ok('bucket', `s3://${bucket} in ${region}, owned by ${owner}`, facts)
  walk.warn('bucket', `s3://${bucket} is in ${region}, not in ${configured}: the first request of every run fails`, {
    code: 'bucket.other-region',
    facts,
    fixes: [configFix('trail.region', `set this to ${region}`, region)],
  })
}

/** A denial without a reason: another owner, requester pays, or a right that one of two accounts does not grant. */
async function denialFixes(walk: Walk, bucket: DoctorBucket, error: CrosstrailError): Promise<readonly DoctorFix[]> {
  const { trail, account } = walk
  const roleAccount = accountOfArn(account.role, trail.owner)
  const payer = await settled(bucket.probe.requesterPays(walk.signal))
  if (payer.value === true && !trail.requesterPays) {
    return [requesterPaysFix]
  }
  const mayPay =
    trail.requesterPays || payer.error === undefined || !lacksRight(payer.error)
      ? []
      : [
          configFix(
            'trail.requesterPays',
            'set this to true if the bucket charges the requester: this role may not read that setting',
          ),
        ]
  const owner =
    roleAccount === trail.owner
      ? configFix(
          'trail.owner',
          `check that ${trail.bucket} belongs to ${trail.owner}: if it does not, correct trail.bucket or trail.owner`,
        )
      : configFix(
          'trail.owner',
          `set this to ${roleAccount}, the account of the role, if ${trail.bucket} belongs to it`,
          roleAccount,
        )
  return [owner, ...s3Fixes(error.message, { need: 'list', place: trail }, walk), ...mayPay, ...layoutFixes(trail)]
}

function otherFixes(error: CrosstrailError): readonly DoctorFix[] {
  const hint = error.hint ?? error.message
  if (error.code === 'bucket.not-found') return [configFix('trail.bucket', hint)]
  if (error.code === 'bucket.elsewhere') return [configFix('trail.region', hint)]
  if (error.code === 'config.endpoint') return [wordsFix('config', hint)]
  return [hintFix('machine', error)]
}
