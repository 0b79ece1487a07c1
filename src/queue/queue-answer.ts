import { filledText, parseObject } from '../identity/parse-object.ts'
import type { QueueAttributes, ReceivedMessage } from './queue-client.ts'
import { type QueueCall, unreadableAnswer } from './queue-error.ts'

/** The answer to ReceiveMessage, as far as it is read. */
interface MessagesAnswer {
  readonly Messages?:
    | readonly {
        readonly MessageId?: string | undefined
        readonly ReceiptHandle?: string | undefined
        readonly Body?: string | undefined
        readonly Attributes?: Fields | undefined
      }[]
    | undefined
}

type Fields = Readonly<Record<string, string | undefined>>

/** Throws `queue.malformed-answer` if a message lacks its receipt or body. */
export function readMessages({ Messages = [] }: MessagesAnswer, call: QueueCall): readonly ReceivedMessage[] {
  return Messages.map(({ MessageId, ReceiptHandle, Body, Attributes = {} }) => {
    if (MessageId === undefined || ReceiptHandle === undefined || Body === undefined) {
      throw unreadableAnswer('a message has no receipt or no body', call)
    }
    return {
      id: MessageId,
      receipt: ReceiptHandle,
      body: Body,
      sentAtMs: countOf(Attributes['SentTimestamp']),
      receives: countOf(Attributes['ApproximateReceiveCount']) ?? 1,
    }
  })
}

/** Throws `queue.malformed-answer` if the ARN or a count is missing. */
export function readAttributes(
  { Attributes = {} }: { readonly Attributes?: Fields | undefined },
  call: QueueCall,
): QueueAttributes {
  const needed = (name: string): number => {
    const count = countOf(Attributes[name])
    if (count === undefined) throw unreadableAnswer(`it has no ${name}`, call)
    return count
  }
  const arn = Attributes['QueueArn']
  if (arn === undefined) throw unreadableAnswer('it has no QueueArn', call)
  return {
    arn,
    visible: needed('ApproximateNumberOfMessages'),
    inFlight: needed('ApproximateNumberOfMessagesNotVisible'),
    delayed: needed('ApproximateNumberOfMessagesDelayed'),
    visibilitySeconds: needed('VisibilityTimeout'),
    retentionSeconds: countOf(Attributes['MessageRetentionPeriod']),
    redrive: redriveOf(Attributes['RedrivePolicy']),
    policy: Attributes['Policy'] || undefined,
    kmsKey: Attributes['KmsMasterKeyId'] || undefined,
    sqsManagedEncryption: Attributes['SqsManagedSseEnabled'] === 'true',
  }
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function redriveOf(json: string | undefined): QueueAttributes['redrive'] {
  const policy = json === undefined ? undefined : parseObject(json)
  const deadLetterArn = filledText(policy?.['deadLetterTargetArn'])
  // SQS answers with a number or with its text, as it was set.
  const maxReceives = countOf(String(policy?.['maxReceiveCount']))
  return deadLetterArn === undefined || maxReceives === undefined ? undefined : { deadLetterArn, maxReceives }
}
