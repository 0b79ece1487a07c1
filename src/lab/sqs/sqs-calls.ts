import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from '../authenticate.ts'
import { bytesEtag } from '../etag.ts'
import { ServiceError } from '../error-answer.ts'
import type { Fault } from '../faults.ts'
import type { World } from '../world.ts'
import type { SqsOperation } from './operation-names.ts'
import { answerBatch } from './sqs-batch.ts'
import { demandKey, demandQueue } from './sqs-access.ts'
import { invalidParameter } from './sqs-error.ts'
import type { GivenMessage, Queue } from './stored-queue.ts'

export type Fields = Readonly<Record<string, unknown>>

/** One authenticated request to SQS. */
export interface SqsCall {
  readonly world: World
  readonly caller: Caller
  /** The region that the request is signed for. */
  readonly region: string
  readonly fields: Fields
  readonly fault: Fault | undefined
  readonly isGone: () => boolean
}

type Answer = (call: SqsCall) => Promise<object> | object

/** The operations by their names, with what they answer. Each throws `ServiceError`. */
export const sqsOperations: Readonly<Record<SqsOperation, Answer>> = {
  ReceiveMessage: receiveMessage,
  SendMessage: (call) => sendOne(queueFor(call, 'sqs:SendMessage'), call, call.fields),
  DeleteMessage: (call) => deleteOne(queueFor(call, 'sqs:DeleteMessage'), call.fields),
  ChangeMessageVisibility: (call) => changeOne(queueFor(call, 'sqs:ChangeMessageVisibility'), call.fields),
  SendMessageBatch: (call) => {
    const queue = queueFor(call, 'sqs:SendMessage')
    return answerBatch(call, (entry) => sendOne(queue, call, entry))
  },
  DeleteMessageBatch: (call) => {
    const queue = queueFor(call, 'sqs:DeleteMessage')
    return answerBatch(call, (entry) => deleteOne(queue, entry))
  },
  ChangeMessageVisibilityBatch: (call) => {
    const queue = queueFor(call, 'sqs:ChangeMessageVisibility')
    return answerBatch(call, (entry) => changeOne(queue, entry))
  },
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListQueues: listQueues,
}

/** @throws {ServiceError} `QueueDoesNotExist` if there is no such queue in the region, `AccessDeniedException` */
function queueFor(call: SqsCall, action: string): Queue {
  const { world, caller, region, fields } = call
  const path = /\/(\d{12}\/[\w-]+)$/.exec(textIn(fields, 'QueueUrl') ?? '')?.[1]
  const queue = path === undefined ? undefined : world.queues.get(path)
  if (queue === undefined || queue.region !== region) throw noSuchQueue()
  demandQueue(caller, action, queue)
  return queue
}

function noSuchQueue(): ServiceError {
  const message = 'The specified queue does not exist or you do not have access to it.'
  return new ServiceError(400, 'QueueDoesNotExist', message)
}

/** How often a long poll looks for messages, in milliseconds. */
const lookMs = 10

async function receiveMessage(call: SqsCall): Promise<object> {
  const { world, fields, isGone } = call
  const queue = queueFor(call, 'sqs:ReceiveMessage')
  const max = numberIn(fields, 'MaxNumberOfMessages', [1, 10]) ?? 1
  const visibilitySeconds = numberIn(fields, 'VisibilityTimeout', [0, 43_200])
  const waitMs = (numberIn(fields, 'WaitTimeSeconds', [0, 20]) ?? 0) * 1_000
  demandKey(call.caller, 'kms:Decrypt', queue, world)
  const isFull = () => queue.counts.inFlight >= queue.mostInFlight
  if (waitMs === 0 && isFull()) throw new ServiceError(400, 'OverLimit', 'Too many messages in flight')
  const endMs = performance.now() + waitMs
  while (!isGone() && !world.stopping.aborted) {
    const given = isFull() ? [] : queue.receive(max, visibilitySeconds)
    if (given.length > 0) return { Messages: given.map((message) => messageFields(message, fields)) }
    if (performance.now() >= endMs) break
    await sleep(Math.min(lookMs, waitMs))
  }
  return {}
}

function messageFields(message: GivenMessage, fields: Fields): object {
  const all: Readonly<Record<string, number>> = {
    SentTimestamp: message.sentAtMs,
    ApproximateFirstReceiveTimestamp: message.firstReceivedAtMs,
    ApproximateReceiveCount: message.receives,
  }
  const asked = new Set([...namesIn(fields, 'MessageSystemAttributeNames'), ...namesIn(fields, 'AttributeNames')])
  const shown = Object.entries(all).filter(([name]) => asked.has(name) || asked.has('All'))
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: bytesEtag(Buffer.from(message.body)),
    Body: message.body,
    ...(shown.length > 0 && { Attributes: Object.fromEntries(shown.map(([name, value]) => [name, String(value)])) }),
  }
}

const longestMessageBytes = 1_048_576

function sendOne(queue: Queue, { caller, world }: SqsCall, fields: Fields): object {
  const body = textIn(fields, 'MessageBody') ?? ''
  if (body === '') throw invalidParameter('The request must contain the parameter MessageBody.')
  if (Buffer.byteLength(body) > longestMessageBytes) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${longestMessageBytes} bytes.`,
    )
  }
  demandKey(caller, 'kms:GenerateDataKey', queue, world)
  const delayMs = (numberIn(fields, 'DelaySeconds', [0, 900]) ?? 0) * 1_000
  return { MessageId: queue.send(body, { delayMs }), MD5OfMessageBody: bytesEtag(Buffer.from(body)) }
}

function deleteOne(queue: Queue, fields: Fields): object {
  const receipt = textIn(fields, 'ReceiptHandle') ?? ''
  if (!queue.delete(receipt)) throw badReceipt(receipt)
  return {}
}

function changeOne(queue: Queue, fields: Fields): object {
  const receipt = textIn(fields, 'ReceiptHandle') ?? ''
  const seconds = numberIn(fields, 'VisibilityTimeout', [0, 43_200])
  if (seconds === undefined) throw invalidParameter('The request must contain the parameter VisibilityTimeout.')
  switch (queue.changeVisibility(receipt, seconds)) {
    case undefined:
      throw badReceipt(receipt)
    case 'not-in-flight':
      throw invalidParameter(
        `Value ${receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      )
    case 'too-long':
      throw invalidParameter(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
      )
    case 'changed':
      return {}
  }
}

function badReceipt(receipt: string): ServiceError {
  return new ServiceError(
    400,
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${receipt}" is not a valid receipt handle.`,
  )
}

function getQueueAttributes(call: SqsCall): object {
  const queue = queueFor(call, 'sqs:GetQueueAttributes')
  const { visible, inFlight, delayed } = queue.counts
  const { redrive, policy, kmsKeyArn } = queue
  const all: Readonly<Record<string, string | undefined>> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAtMs / 1_000)),
    VisibilityTimeout: String(queue.visibilitySeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: '0',
    DelaySeconds: '0',
    MaximumMessageSize: String(longestMessageBytes),
    Policy: policy === undefined ? undefined : JSON.stringify(policy),
    RedrivePolicy:
      redrive === undefined
        ? undefined
        : JSON.stringify({ deadLetterTargetArn: redrive.deadLetter.arn, maxReceiveCount: redrive.maxReceives }),
    KmsMasterKeyId: kmsKeyArn,
    SqsManagedSseEnabled: String(kmsKeyArn === undefined),
  }
  const asked = namesIn(call.fields, 'AttributeNames')
  const unknown = asked.filter((name) => name !== 'All' && !(String(name) in all))
  if (unknown.length > 0)
    throw new ServiceError(400, 'InvalidAttributeName', `Unknown Attribute ${unknown.join(', ')}.`)
  const shown = Object.entries(all).filter(
    ([name, value]) => value !== undefined && (asked.includes('All') || asked.includes(name)),
  )
  return shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) }
}

function getQueueUrl(call: SqsCall): object {
  const { world, caller, region, fields } = call
  const account = textIn(fields, 'QueueOwnerAWSAccountId') ?? caller.account
  const queue = world.queues.get(`${account}/${textIn(fields, 'QueueName') ?? ''}`)
  if (queue === undefined || queue.region !== region) throw noSuchQueue()
  demandQueue(caller, 'sqs:GetQueueUrl', queue)
  return { QueueUrl: queue.url }
}

/** Lists the queues of the caller's account, in one page. */
function listQueues({ world, caller, region, fields }: SqsCall): object {
  const prefix = textIn(fields, 'QueueNamePrefix') ?? ''
  const own = [...world.queues.values()].filter((queue) => queue.account === caller.account && queue.region === region)
  for (const queue of own) demandQueue(caller, 'sqs:ListQueues', queue)
  const urls = own.filter(({ name }) => name.startsWith(prefix)).map(({ url }) => url)
  return urls.length === 0 ? {} : { QueueUrls: urls }
}

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

function numberIn(fields: Fields, name: string, [least, most]: readonly [number, number]): number | undefined {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw invalidParameter(
    `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  )
}

function namesIn(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name]
  return Array.isArray(value) ? value : []
}
