import { CrosstrailError } from '../../error.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { requesterPaysFix } from './fix.ts'
import { s3Fixes } from './s3-fixes.ts'
import { knownError, type Walk } from './walk.ts'

/** Reports the bucket's settings, as far as the role may read them. Only `delete` must know about versions and locks. */
export async function tellSettings(walk: Walk, { admin, probe }: DoctorBucket): Promise<void> {
  const { account, trail, signal } = walk
  const [protection, ownership, requesterPays] = await Promise.all([
    orDenied(admin.protection(signal)),
    orDenied(probe.ownership(signal)),
    orDenied(probe.requesterPays(signal)),
  ])
  const protects = isDenied(protection) ? undefined : protection
  const facts = {
    versioning: protects?.versioning,
    mfaDelete: protects?.mfaDelete,
    objectLock: protects?.objectLock,
    ownership: isDenied(ownership) ? undefined : (ownership ?? 'none'),
    requesterPays: isDenied(requesterPays) ? undefined : requesterPays,
  }
  if (isDenied(protection) && account.allow.includes('delete')) {
    return walk.failWith('settings', protection, {
      tried: `GetBucketVersioning and GetObjectLockConfiguration of ${trail.bucket}: delete needs to know both`,
      facts,
      fixes: s3Fixes(protection.message, { need: 'readProtection', place: trail }, walk),
    })
  }
  if (facts.requesterPays === true && !trail.requesterPays) {
    return walk.warn('settings', `${trail.bucket} charges the requester, but the config does not agree to that`, {
      code: 'config.requester-pays',
      facts,
      fixes: [requesterPaysFix],
    })
  }
  const known = [
    ...(protects === undefined ? [] : protectionWords(protects)),
    ...(isDenied(ownership) ? [] : [`object ownership ${ownership ?? 'not set'}`]),
    ...(isDenied(requesterPays) ? [] : [`requester pays ${requesterPays ? 'on' : 'off'}`]),
  ]
  const unknown = [
    ...(protects === undefined ? ['versioning and Object Lock'] : []),
    ...(isDenied(ownership) ? ['object ownership'] : []),
    ...(isDenied(requesterPays) ? ['requester pays'] : []),
  ]
  const rest = unknown.length === 0 ? '' : `not readable, and not needed: ${unknown.join(', ')}`
  if (known.length === 0) walk.skip('settings', rest, facts)
  else walk.ok('settings', [known.join(', '), rest].filter(Boolean).join('; '), facts)
}

function protectionWords(protects: { versioning: string; mfaDelete: boolean; objectLock: boolean }): string[] {
  return [
    `versioning ${protects.versioning}${protects.mfaDelete ? ' with MFA Delete' : ''}`,
    `Object Lock ${protects.objectLock ? 'on' : 'off'}`,
  ]
}

/** Returns a setting, or the error if the role may not read it: most accounts need not. */
async function orDenied<T>(answer: Promise<T>): Promise<T | CrosstrailError> {
  try {
    return await answer
  } catch (error) {
    return knownError(error)
  }
}

function isDenied(answer: unknown): answer is CrosstrailError {
  return answer instanceof CrosstrailError
}
