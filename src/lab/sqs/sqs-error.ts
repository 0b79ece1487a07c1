import type { Refusal } from '../authenticate.ts'
import { cloudTrailRefusal } from '../cloudtrail-refusal.ts'
import { ServiceError } from '../error-answer.ts'
import type { Reply } from '../reply.ts'
import type { LabRequest } from '../request.ts'

/** Returns the error for a request that is not authenticated. */
export function sqsRefusal(refusal: Refusal): ServiceError {
  const { code, message } = cloudTrailRefusal(refusal)
  return new ServiceError(403, code, message)
}

/** SQS's own errors, and the names that the older protocol has for them, if they differ. The others are errors of all services. */
const ownErrors: Readonly<Record<string, string>> = {
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidAttributeName: 'InvalidAttributeName',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  KmsAccessDenied: 'KMS.AccessDeniedException',
  KmsDisabled: 'KMS.DisabledException',
  KmsThrottled: 'KMS.ThrottlingException',
  OverLimit: 'OverLimit',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  ReceiptHandleIsInvalid: 'ReceiptHandleIsInvalid',
  RequestThrottled: 'RequestThrottled',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
}

/** The older names of errors of all services. */
const olderNames: Readonly<Record<string, string>> = {
  InvalidSignatureException: 'SignatureDoesNotMatch',
  UnrecognizedClientException: 'InvalidClientTokenId',
}

export function sqsErrorReply({ status, code, message }: ServiceError, request: LabRequest): Reply {
  const own = ownErrors[code]
  const older = own ?? olderNames[code] ?? code.replace(/Exception$/, '')
  const type = own === undefined ? `com.amazon.coral.service#${code}` : `com.amazonaws.sqs#${code}`
  const fault = status < 500 ? 'Sender' : 'Receiver'
  return sqsReply(request, status, { __type: type, message }, { 'x-amzn-query-error': `${older};${fault}` })
}

export function sqsReply(
  request: LabRequest,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': request.id, ...headers },
    body: Buffer.from(JSON.stringify(body)),
  }
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterValueException', message)
}
