import type { Announcing } from '../../identity/sharing/announcing.ts'
import { missingRights } from '../../identity/sharing/missing-rights.ts'
import { accountOfRoot, actionPattern, listCovers } from '../../identity/sharing/policy-grant.ts'
import { wildcardPattern } from '../../identity/sharing/policy-pattern.ts'
import { sendStatement } from '../../identity/sharing/queue-statements.ts'
import { type ReadStatement, readPolicy } from '../../identity/sharing/read-policy.ts'
import { policyDocument } from '../../identity/policy-document.ts'
import type { QueueAttributes } from '../../queue/queue-client.ts'
import type { Announces } from './announces-step.ts'
import { type DoctorQueue, policyCommand } from './doctor-queue.ts'
import { type DoctorFix, policyFix, wordsFix } from './fix.ts'
import type { Walk } from './walk.ts'

/** Reports whether the queue's policy lets in what the bucket announces. A sender that is not let in loses its announcements. */
export function tellSender(walk: Walk, queue: DoctorQueue, announces: Announces, { policy }: QueueAttributes): void {
  const statements = policy === undefined ? [] : knownStatements(policy)
  if (statements === undefined) return walk.skip('sender', 'not known: the policy of the queue cannot be read')
  const senders = sendersOf(statements, queue)
  const facts = { senders: senders.join(','), queue: queue.arn }
  const ways = waysOf(announces)
  const judged = ways.map((way) => ({ way, letsIn: letsIn(statements, way, walk, queue) }))
  const open = judged.find((one) => one.letsIn === 'yes')
  if (open !== undefined) return walk.ok('sender', `the policy of the queue lets in ${nameOf(open.way, walk)}`, facts)
  const unclear = judged.find((one) => one.letsIn === 'unclear')
  if (unclear !== undefined) {
    const message = `whether the policy of the queue lets in ${nameOf(unclear.way, walk)} is not known: it has a condition that only AWS can judge`
    return walk.skip('sender', message, facts)
  }
  const named = senders.map((sender) => sender.replace(/^Service:/, '')).join(', ')
  // The rule of EventBridge, and a role that it may have, have any name.
  const fits = ways.length === 0 || (announces.to === 'eventbridge' && senders.some(isOfRule))
  if (senders.length > 0 && fits) {
    return walk.ok(
      'sender',
      `the policy of the queue lets in ${named}; whether these announce the logs is not known`,
      facts,
    )
  }
  const nobody = senders.length === 0 ? 'lets in no sender' : `lets in only ${named}`
  const lacking = ways.map((one) => nameOf(one, walk)).join(' and ')
  const message = `the policy of the queue ${nobody}${lacking === '' ? '' : `, and not ${lacking}`}: announcements are lost`
  const says = { code: 'queue.no-sender', facts, fixes: senderFixes(ways, walk, queue) } as const
  // The topic of a trail may announce, and a role of the queue's own account needs no statement.
  const mayArrive = senders.length > 0 || queue.owner === walk.trail.owner
  if (mayArrive && announces.to !== 'queue') walk.warn('sender', message, says)
  else walk.fail('sender', message, { ...says, tried: `GetQueueAttributes of ${queue.arn}: its policy` })
}

function waysOf(announces: Announces): readonly Announcing[] {
  const places = { topicArn: '', topicIsNew: false }
  switch (announces.to) {
    case 'queue':
      return [{ ...places, way: 's3' }]
    case 'topics':
      return announces.topics.map((topicArn) => ({ ...places, topicArn, way: 'sns' }))
    case 'eventbridge':
      return [{ ...places, way: 'eventbridge' }]
    case 'unknown':
      return []
  }
}

function letsIn(
  have: readonly ReadStatement[],
  way: Announcing,
  { account, trail }: Walk,
  queue: DoctorQueue,
): 'yes' | 'no' | 'unclear' {
  const document = policyDocument([sendStatement(queue, account, trail, way)])
  const findings = missingRights(have, { document, kind: 'queue', attachTo: queue.arn })
  if (findings.length === 0) return 'yes'
  return findings.some(({ kind }) => kind === 'missing') ? 'no' : 'unclear'
}

/** Returns who may send by the policy, besides the queue's own account. */
function sendersOf(statements: readonly ReadStatement[], queue: DoctorQueue): readonly string[] {
  const send = actionPattern('sqs:SendMessage')
  const senders = statements
    .filter(
      ({ effect, actions, resources }) =>
        effect === 'Allow' &&
        listCovers(actions, send, actionPattern) &&
        (resources === undefined || listCovers(resources, wildcardPattern(queue.arn))),
    )
    .flatMap(({ principals }) => principals?.values ?? [])
  return [...new Set(senders)].filter((sender) => accountOfRoot(sender) !== queue.owner)
}

function isOfRule(sender: string): boolean {
  return sender === '*' || sender === 'Service:events.amazonaws.com' || /:role\//.test(sender)
}

function knownStatements(policy: string): readonly ReadStatement[] | undefined {
  try {
    return readPolicy(policy).statements
  } catch {
    // SQS accepts elements that IAM's reader does not know.
    return undefined
  }
}

function nameOf(announcing: Announcing, { trail }: Walk): string {
  switch (announcing.way) {
    case 's3':
      return `S3 for ${trail.bucket}`
    case 'eventbridge':
      return 'EventBridge'
    case 'sns':
    case 'cloudtrail':
      return `SNS for ${announcing.topicArn}`
  }
}

function senderFixes(ways: readonly Announcing[], walk: Walk, queue: DoctorQueue): readonly DoctorFix[] {
  const { account, trail } = walk
  const side = queue.owner === trail.owner ? 'owner' : 'caller'
  if (ways.length === 0) {
    return [
      wordsFix(
        side,
        `add the statements that this prints to the policy of ${queue.arn}: ${policyCommand(walk, queue)} --kind queue`,
      ),
    ]
  }
  const place = { side, kind: 'queue', attachTo: queue.arn, inAccount: queue.owner } as const
  return ways.map((way) => policyFix(place, sendStatement(queue, account, trail, way)))
}
