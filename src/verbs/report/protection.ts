import { CrosstrailError } from '../../error.ts'
import { BucketAdmin } from '../../s3/bucket-admin.ts'
import { BucketSettings } from '../../s3/bucket-settings.ts'
import type { Session } from '../../identity/session.ts'
import type { Host } from '../host.ts'
import type { BucketProtectionFigures } from './figures.ts'

/** Reads how the trail's bucket protects its objects, as far as the session's role may. Throws `interrupted`. */
export async function readProtection(
  { buckets, config, signal }: Pick<Host, 'buckets' | 'config' | 'signal'>,
  session: Session,
): Promise<BucketProtectionFigures> {
  const calls = buckets.sdkCalls(config.trail, session)
  const [admin, settings] = [new BucketAdmin(calls), new BucketSettings(calls)]
  const [protection, retention, encryption, lifecycle] = await Promise.all([
    orUnknown(admin.protection(signal)),
    orUnknown(settings.defaultRetention(signal)),
    orUnknown(settings.encryption(signal)),
    orUnknown(settings.lifecycle(signal)),
  ])
  const onOff = (is: boolean | undefined) => (is === undefined ? 'unknown' : is ? 'on' : 'off')
  return {
    versioning: protection?.versioning ?? 'unknown',
    mfaDelete: onOff(protection?.mfaDelete),
    objectLock: onOff(protection?.objectLock),
    retention,
    encryption: encryption ?? 'unknown',
    lifecycle: lifecycle ?? ['unknown'],
  }
}

/** A role need not be able to read settings. */
async function orUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CrosstrailError && error.code !== 'interrupted') return undefined
    throw error
  }
}
