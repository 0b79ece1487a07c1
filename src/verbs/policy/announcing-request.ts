import type { Account, Config } from '../../config/config.ts'
import { CrosstrailError } from '../../error.ts'
import { type Announcing, usesTopic } from '../../identity/sharing/announcing.ts'
import { arnPartition } from '../../trail/region.ts'
import { queuesOf } from '../with-queue.ts'
import type { PolicyOptions } from './options.ts'

/** Returns how new logs are announced; undefined if no account has a queue. Throws `usage.conflict`. */
export function announcingOf(
  accounts: readonly Account[],
  options: PolicyOptions,
  { trail }: Config,
): Announcing | undefined {
  const { sqsVia: way = 'sns', topicArn, sqsKeyArn: queueKeyArn, topicKeyArn, trailArn } = options
  const queues = [...queuesOf(accounts).values()]
  const role = accounts[0]?.role ?? ''
  const [, , , trailRegion = '', trailAccount = ''] = trailArn?.split(':') ?? []
  const topicPlace = way === 'cloudtrail' ? `${trailRegion}:${trailAccount}` : `${trail.region}:${trail.owner}`
  const ownTopic = `arn:${arnPartition(role) ?? 'aws'}:sns:${topicPlace}:crosstrail-new-logs`
  const places = {
    topicArn: topicArn ?? ownTopic,
    topicIsNew: topicArn === undefined,
    queueKeyArn,
    topicKeyArn,
  }
  if (queues.length === 0) {
    const given = [
      options.sqsVia === undefined ? undefined : '--sqs-via',
      topicArn === undefined ? undefined : '--sns-topic',
      queueKeyArn === undefined ? undefined : '--sqs-kms-key',
      topicKeyArn === undefined ? undefined : '--sns-kms-key',
    ].find((option) => option !== undefined)
    if (given === undefined) return undefined
    throw conflict(`${given} needs a queue`, 'pass --sqs with the URL of the queue, or set sqs in the config')
  }
  if (!usesTopic({ way }) && (topicArn ?? topicKeyArn) !== undefined) {
    throw conflict(`--sqs-via ${way} uses no topic`, 'leave out --sns-topic and --sns-kms-key, or pass --sqs-via sns')
  }
  const announcing = way === 'cloudtrail' ? { ...places, way, trailArn: demandTrail(trailArn) } : { ...places, way }
  refuseRegions(announcing, queues, way === 'cloudtrail' ? trailRegion : trail.region)
  if (way === 's3') refuseOverlaps(accounts.filter((account) => account.sqs !== undefined))
  return announcing
}

function demandTrail(trailArn: string | undefined): string {
  if (trailArn !== undefined) return trailArn
  throw conflict('--sqs-via cloudtrail needs the trail', 'add --trail-arn')
}

/** S3 and EventBridge send only inside their region. SNS also sends to queues of other regions. */
function refuseRegions(
  { way, topicArn, topicIsNew, queueKeyArn, topicKeyArn }: Announcing,
  queues: readonly { readonly arn: string; readonly region: string }[],
  sourceRegion: string,
): void {
  const far = queues.find(({ region }) => region !== sourceRegion)
  if ((way === 's3' || way === 'eventbridge') && far !== undefined) {
    const sender = way === 's3' ? 'S3' : 'EventBridge'
    throw conflict(
      `${sender} cannot send from ${sourceRegion} to ${far.arn}, which is in another region`,
      'pass --sqs-via sns, or use a queue in the region of the bucket',
    )
  }
  const topicRegion = topicArn.split(':')[3]
  if (usesTopic({ way }) && !topicIsNew && topicRegion !== sourceRegion) {
    const sender = way === 'sns' ? 'S3' : 'CloudTrail'
    throw conflict(`${sender} cannot announce from ${sourceRegion} to ${topicArn}, which is in another region`)
  }
  const otherKey = queues.find(({ region }) => queueKeyArn !== undefined && region !== queueKeyArn.split(':')[3])
  if (otherKey !== undefined) throw conflict(`--sqs-kms-key is not in ${otherKey.region}, the region of the queue`)
  if (topicKeyArn !== undefined && topicKeyArn.split(':')[3] !== topicRegion) {
    throw conflict(`--sns-kms-key is not in ${topicRegion}, the region of the topic`)
  }
}

/** S3 refuses two queues for the same keys. */
function refuseOverlaps(readers: readonly Account[]): void {
  const seen = new Map<string, string>()
  const all = readers.find(({ reads }) => reads === 'all')
  const twice = readers.flatMap(({ label, id, reads }) =>
    (reads === 'own' ? [id] : reads === 'all' ? [] : reads).flatMap((logAccount) => {
      const other = seen.get(logAccount)
      seen.set(logAccount, label)
      return other === undefined ? [] : [[other, label] as const]
    }),
  )[0]
  const other = all === undefined ? undefined : readers.find(({ label }) => label !== all.label)
  const both = twice ?? (all === undefined || other === undefined ? undefined : ([all.label, other.label] as const))
  if (both === undefined) return
  throw conflict(
    `S3 announces each log to one queue only, and ${both.join(' and ')} read the same logs`,
    'pass --sqs-via sns, or name one account',
  )
}

function conflict(message: string, hint?: string): CrosstrailError {
  return new CrosstrailError('usage.conflict', message, { hint })
}
