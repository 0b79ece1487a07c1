import type { BucketNotifications, NotificationTarget } from '../../s3/bucket-notifications.ts'
import { roleStatement } from '../../identity/sharing/statements.ts'
import { kindFolder } from '../../trail/kind.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { type DoctorQueue, policyCommand } from './doctor-queue.ts'
import { accountOfArn, type DoctorFix, policyFix, wordsFix } from './fix.ts'
import { ownPrefixes } from './log-prefixes.ts'
import { knownError, type Walk } from './walk.ts'

/** What the bucket announces, as far as it is known. `unknown`: the role may not read it, or the bucket announces nothing. */
export type Announces =
  | { readonly to: 'queue' }
  | { readonly to: 'topics'; readonly topics: readonly string[] }
  | { readonly to: 'eventbridge' }
  | { readonly to: 'unknown' }

/** Reports whether the bucket announces the account's logs to the queue or to a topic. No account needs the right to read that. */
export async function tellAnnounces(walk: Walk, { probe }: DoctorBucket, queue: DoctorQueue): Promise<Announces> {
  const { trail, signal } = walk
  let found: BucketNotifications
  try {
    found = await probe.notifications(signal)
  } catch (error) {
    const { code, message } = knownError(error)
    const denied =
      's3:GetBucketNotification is not allowed, and only doctor uses it; --output json prints the statement to add'
    if (code !== 'access.settings-denied') walk.skip('announces', `not known: ${message}`)
    else walk.skip('announces', denied, {}, [mayRead(walk)])
    return { to: 'unknown' }
  }
  const prefixes = logPrefixes(walk)
  const useful = (targets: readonly NotificationTarget[]) =>
    targets.filter((target) => target.announcesPuts && prefixes.some((prefix) => touches(prefix, target)))
  const queues = useful(found.queues.filter(({ arn }) => arn === queue.arn))
  const topics = useful(found.topics)
  const facts = {
    queues: found.queues.length,
    topics: topics.map(({ arn }) => arn).join(','),
    eventBridge: found.toEventBridge,
  }
  if (queues.length > 0) {
    const lacking = prefixes.filter((prefix) => !isCovered(prefix, queues))
    if (lacking.length === 0) walk.ok('announces', `${trail.bucket} announces the account's logs to the queue`, facts)
    else warnPartly(walk, queue, lacking, facts)
    return { to: 'queue' }
  }
  if (topics.length > 0) {
    const arns = [...new Set(topics.map(({ arn }) => arn))]
    const lacking = prefixes.filter((prefix) => !isCovered(prefix, topics))
    const rest = 'whether the queue is subscribed is not known'
    if (lacking.length > 0) warnPartly(walk, queue, lacking, facts)
    else walk.ok('announces', `${trail.bucket} announces the account's logs to ${arns.join(' and ')}; ${rest}`, facts)
    return { to: 'topics', topics: arns }
  }
  if (found.toEventBridge) {
    const rest = 'whether a rule sends them to the queue is not known'
    walk.ok('announces', `${trail.bucket} announces objects to EventBridge; ${rest}`, facts)
    return { to: 'eventbridge' }
  }
  const unless = 'nothing comes to the queue, unless the trail itself announces its logs to a topic'
  walk.warn('announces', `${trail.bucket} announces no logs of the account: ${unless}`, {
    code: 'trail.not-announced',
    facts,
    fixes: [makeNotification(walk, queue)],
  })
  return { to: 'unknown' }
}

function warnPartly(
  walk: Walk,
  queue: DoctorQueue,
  lacking: readonly string[],
  facts: Readonly<Record<string, string | number | boolean>>,
) {
  walk.warn(
    'announces',
    `${walk.trail.bucket} does not announce all of ${lacking.join(', ')}: a listing finds the other logs later`,
    {
      code: 'trail.not-announced',
      facts,
      fixes: [makeNotification(walk, queue)],
    },
  )
}

/** The folders that must be announced. Other folders of a log account, such as digests, may be left out. */
function logPrefixes({ account, trail }: Walk): readonly string[] {
  if (account.reads === 'all') return ownPrefixes(account, trail)
  return ownPrefixes(account, trail).map((prefix) => `${prefix}${kindFolder('events')}/`)
}

/** Whether a target gets some logs below a prefix. */
function touches(prefix: string, target: NotificationTarget): boolean {
  const overlap = prefix.startsWith(target.prefix) || target.prefix.startsWith(prefix)
  return overlap && '.json.gz'.endsWith(target.suffix)
}

/** Whether some target gets every log below a prefix. Several narrower targets together may do so too, but that cannot be seen. */
function isCovered(prefix: string, targets: readonly NotificationTarget[]): boolean {
  return targets.some((target) => prefix.startsWith(target.prefix))
}

function makeNotification(walk: Walk, queue: DoctorQueue): DoctorFix {
  const command = `${policyCommand(walk, queue)} --kind notification`
  return wordsFix(
    'owner',
    `add the configuration that this prints, and keep the bucket's other notifications: ${command}`,
  )
}

function mayRead({ account, trail }: Walk): DoctorFix {
  return policyFix(
    { side: 'owner', kind: 'role', attachTo: account.role, inAccount: accountOfArn(account.role, trail.owner) },
    roleStatement('readNotifications', account, trail, {}),
  )
}
