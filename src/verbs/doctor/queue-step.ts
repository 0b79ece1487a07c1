import { CrosstrailError } from '../../error.ts'
import { readerStatements, receiveStatement } from '../../identity/sharing/queue-statements.ts'
import type { QueueAttributes } from '../../queue/queue-client.ts'
import { dayMs } from '../../trail/calendar.ts'
import { shellWord } from '../../trail/shell-word.ts'
import { arnPartition } from '../../trail/region.ts'
import { type DoctorQueue, policyCommand } from './doctor-queue.ts'
import { accountOfArn, configFix, type DoctorFix, hintFix, policyFix, wordsFix } from './fix.ts'
import { agoText } from './life-text.ts'
import type { StepCode } from './step.ts'
import { holderOf } from './sts-fixes.ts'
import { knownError, type Walk } from './walk.ts'

/** Reports the queue's settings. Returns them, or undefined if the step failed. */
export async function tellQueue(walk: Walk, queue: DoctorQueue): Promise<QueueAttributes | undefined> {
  let attributes: QueueAttributes
  try {
    attributes = await queue.attributes()
  } catch (error) {
    const known = knownError(error)
    walk.failWith('queue', known, {
      tried: `GetQueueAttributes of ${queue.arn} with the credentials to start with`,
      fixes: queueFixes(known, walk, queue),
    })
    return undefined
  }
  const { visible, inFlight, visibilitySeconds, retentionSeconds, redrive, kmsKey, sqsManagedEncryption } = attributes
  const facts = {
    queue: queue.arn,
    visible,
    inFlight,
    visibilitySeconds,
    retentionSeconds,
    deadLetterQueue: redrive?.deadLetterArn,
    maxReceives: redrive?.maxReceives,
    kmsKey,
    sqsManagedEncryption,
  }
  const kept = retentionSeconds === undefined ? '' : `; keeps messages for ${agoText(retentionSeconds * 1_000)}`
  const what = `${queue.arn}: ${visible} waiting, ${inFlight} in use${kept}`
  const problems = problemsOf(attributes, walk, queue)
  const [first] = problems
  if (first === undefined) {
    walk.ok('queue', `${what}; whether it may be received from is not known, because doctor receives nothing`, facts)
  } else {
    walk.warn('queue', `${what}; ${problems.map(({ message }) => message).join('; ')}`, {
      code: first.code,
      facts,
      fixes: problems.map(({ fix }) => fix),
    })
  }
  return attributes
}

interface Problem {
  readonly code: StepCode
  readonly message: string
  readonly fix: DoctorFix
}

/** A pull leaves messages that it does not understand, and an interrupted pull leaves some that it does. */
function problemsOf(
  { redrive, retentionSeconds, kmsKey }: QueueAttributes,
  walk: Walk,
  queue: DoctorQueue,
): readonly Problem[] {
  const side = queue.owner === walk.trail.owner ? 'owner' : 'caller'
  const set = `aws sqs set-queue-attributes --region ${queue.region} --queue-url ${shellWord(queue.url)} --attributes`
  const problems: Problem[] = []
  if (redrive === undefined) {
    const policy = JSON.stringify({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: '<arn>', maxReceiveCount: 20 }),
    })
    problems.push({
      code: 'queue.no-dead-letters',
      message: 'it has no dead-letter queue, so messages that no pull understands stay until the queue drops them',
      fix: wordsFix(side, `create a dead-letter queue, and name it: ${set} '${policy}'`),
    })
  } else if (redrive.maxReceives < leastReceives) {
    problems.push({
      code: 'queue.few-receives',
      message: `it moves a message to ${redrive.deadLetterArn} after ${redrive.maxReceives} ${redrive.maxReceives === 1 ? 'receive' : 'receives'}, so interrupted pulls lose announcements`,
      fix: wordsFix(side, 'raise maxReceiveCount of its RedrivePolicy to 20'),
    })
  }
  if (retentionSeconds !== undefined && retentionSeconds * 1_000 < dayMs) {
    problems.push({
      code: 'queue.short-retention',
      message: 'it drops announcements that nobody receives within a day',
      fix: wordsFix(side, `${set} MessageRetentionPeriod=345600`),
    })
  }
  if (kmsKey !== undefined && /(?:^|:)alias\/aws\/sqs$/.test(kmsKey)) {
    problems.push({
      code: 'queue.aws-key',
      message: `it is encrypted with ${kmsKey}, with which neither S3 nor SNS nor EventBridge may encrypt`,
      fix: wordsFix(
        side,
        `encrypt it with a key of your own (${policyCommand(walk, queue)} --kind queue-key --sqs-kms-key <arn>) or with keys of SQS: ${set} '{"KmsMasterKeyId":"","SqsManagedSseEnabled":"true"}'`,
      ),
    })
  }
  return problems
}

const leastReceives = 3

function queueFixes(error: CrosstrailError, walk: Walk, queue: DoctorQueue): readonly DoctorFix[] {
  const { account, trail } = walk
  if (error.code === 'queue.not-found') {
    return [configFix(`accounts.${account.label}.sqs`, `correct the URL, or create the queue: ${error.hint ?? ''}`)]
  }
  if (error.code !== 'queue.denied') return [hintFix('machine', error)]
  const callerArn = walk.steps.find(({ step }) => step === 'caller')?.facts['arn']
  const named = holderOf(callerArn === undefined ? undefined : String(callerArn))
  const caller = named ?? `the user or role whose keys account ${account.label} uses`
  const inAccount = accountOfArn(caller, account.id)
  const place = { side: 'caller', kind: 'caller', attachTo: caller, inAccount } as const
  const ofCaller = readerStatements(queue, {}).map((statement) => policyFix(place, statement))
  if (inAccount === queue.owner) return ofCaller
  const reader = named ?? `arn:${arnPartition(account.role) ?? 'aws'}:iam::${inAccount}:root`
  const side = queue.owner === trail.owner ? 'owner' : 'caller'
  return [
    ...ofCaller,
    policyFix({ side, kind: 'queue', attachTo: queue.arn, inAccount: queue.owner }, receiveStatement(queue, reader)),
  ]
}
