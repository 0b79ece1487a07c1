/** The operations of SQS that the lab answers. */
export const sqsOperationNames = [
  'ReceiveMessage',
  'SendMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
  'SendMessageBatch',
  'DeleteMessageBatch',
  'ChangeMessageVisibilityBatch',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListQueues',
] as const

export type SqsOperation = (typeof sqsOperationNames)[number]

export function isSqsOperation(name: string): name is SqsOperation {
  return sqsOperationNames.some((known) => known === name)
}
