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
 * Tells whether the bucket is reached, where it is and whether it is the owner's; answers whether to go on. That the role may not list it is
 * for a later step to say: AWS names the missing right to callers of the owner's account, and nobody else's bucket does.
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

/** The bucket's own words about a right: it is there, and its owner is the one expected. */
function isExplained(error: CrosstrailError): boolean {
  return lacksRight(error) && readDenial(error.message).action?.startsWith('s3:') === true
}

function tellRegion(walk: Walk, region: string): void {
  const { bucket, owner, region: configured } = walk.trail
  const facts = { bucket, owner, region }
  if (region === configured) return walk.ok('bucket', `s3://${bucket} in ${region}, owned by ${owner}`, facts)
  walk.warn('bucket', `s3://${bucket} is in ${region}, not in ${configured}: every run asks in vain first`, {
    code: 'bucket.other-region',
    facts,
    fixes: [configFix('trail.region', `write ${region}`, region)],
  })
}

/** A denial without a reason: another owner, requester pays, or a right that is missing where two accounts must both allow. */
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
            'write true, if whoever asks pays for this bucket: this role may not read that setting',
          ),
        ]
  const owner =
    roleAccount === trail.owner
      ? configFix(
          'trail.owner',
          `see that ${trail.bucket} belongs to ${trail.owner}: if it does not, correct trail.bucket or trail.owner`,
        )
      : configFix(
          'trail.owner',
          `the role is one of ${roleAccount}: write that, if ${trail.bucket} belongs to it`,
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
