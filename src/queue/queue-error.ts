import { CrosstrailError, type ErrorCode, hasCode } from '../error.ts'
import { explainSignature } from '../identity/sts-error.ts'
import { type Refusal, readRefusal } from '../identity/refusal.ts'
import { isPassing } from '../s3/retry.ts'
import { partitionOf } from '../trail/region.ts'
import type { QueueAddress } from './address.ts'

/** A call to a queue, with the details that an error may show. */
export interface QueueCall {
  readonly action: 'ReceiveMessage' | 'DeleteMessageBatch' | 'ChangeMessageVisibilityBatch' | 'GetQueueAttributes'
  readonly queue: QueueAddress
  /** Whose keys sign it: `account Z`. */
  readonly caller: string
}

interface Told {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

/** Returns why a call to a queue failed, as an error with a hint. An error that is neither of the service nor of the way is a bug, and is returned as it is. */
export function explainQueueError(error: unknown, call: QueueCall): unknown {
  if (error instanceof CrosstrailError) return error.code.startsWith('network.') ? unreachable(error, call) : error
  const refusal = readRefusal(error)
  if (refusal.name === 'AbortError')
    return new CrosstrailError('interrupted', `stopped while waiting for ${nameOf(call)}`)
  const told = isRefused(error) ? explainRefusal(refusal, call) : explainOther(error, refusal, call)
  return told === undefined ? error : queueError(told, call, refusal)
}

/** Explains the failure of one message in the answer to a batch. `code` is SQS's, such as `ReceiptHandleIsInvalid`; `byService` says that SQS itself failed. */
export function explainEntry(
  { code, message, byService }: { readonly code: string; readonly message: string; readonly byService: boolean },
  call: QueueCall,
): CrosstrailError {
  const refusal = readRefusal(Object.assign(new Error(message), { name: code, $fault: 'client' }))
  const told = explainRefusal(refusal, call)
  return queueError(byService && told.code === 'queue.refused' ? failed(refusal, call) : told, call, refusal)
}

/** The error for an answer that lacks what SQS always sends. */
export function unreadableAnswer(what: string, call: QueueCall): CrosstrailError {
  return queueError(malformed(what, call), call)
}

/** Returns whether the same call may succeed if it is repeated. */
export function isTemporary(error: unknown): boolean {
  if (hasCode(error, 'queue.unreachable')) return isPassing(error.cause)
  return error instanceof CrosstrailError && temporary.has(error.code)
}

const temporary = new Set<ErrorCode>(['queue.throttled', 'queue.failed', 'queue.malformed-answer'])

function queueError({ code, message, hint }: Told, { action, queue }: QueueCall, refusal?: Refusal): CrosstrailError {
  return new CrosstrailError(code, message, {
    hint,
    facts: { queue: queue.name, account: queue.account, region: queue.region, action, ...factsOf(refusal) },
    cause: refusal?.cause,
  })
}

function factsOf(refusal: Refusal | undefined): Record<string, string | number | undefined> {
  return refusal === undefined ? {} : { awsCode: refusal.name, status: refusal.status, requestId: refusal.requestId }
}

/** An answer that the SDK could read as an error of the service. */
function isRefused(error: unknown): boolean {
  return typeof error === 'object' && error !== null && '$fault' in error && error.$fault !== undefined
}

function nameOf({ queue }: QueueCall): string {
  return `the queue ${queue.name} of ${queue.account} in ${queue.region}`
}

/** Errors of the way keep their own hints. Those that do not pass, such as an untrusted certificate, are not repeated. */
function unreachable(error: CrosstrailError, call: QueueCall): CrosstrailError {
  const { action, queue } = call
  return new CrosstrailError('queue.unreachable', `${nameOf(call)} cannot be reached: ${error.message} (${action})`, {
    hint:
      error.code === 'network.unknown-host'
        ? 'check the URL of the queue, the name server, and AWS_ENDPOINT_URL_SQS if it is set'
        : (error.hint ?? 'check the network, HTTPS_PROXY and NO_PROXY, and AWS_ENDPOINT_URL_SQS if it is set'),
    facts: {
      ...error.facts,
      queue: queue.name,
      account: queue.account,
      region: queue.region,
      action,
      reason: error.code,
    },
    cause: error,
  })
}

function explainOther(error: unknown, refusal: Refusal, call: QueueCall): Told | undefined {
  if (refusal.name === 'EndpointError') {
    return {
      code: 'config.endpoint',
      message: `there is no SQS endpoint for ${nameOf(call)}: ${refusal.message}`,
      hint: 'AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL and a private endpoint cannot be combined with AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT: unset one of them',
    }
  }
  // The SDK checks the MD5 of each message.
  if (refusal.message.startsWith('Invalid MD5 checksum')) return malformed('a message differs from its checksum', call)
  const isUnread = typeof error === 'object' && error !== null && '$response' in error
  return isUnread ? malformed(refusal.message, call) : undefined
}

function malformed(what: string, call: QueueCall): Told {
  return {
    code: 'queue.malformed-answer',
    message: `the answer of ${nameOf(call)} to ${call.action} cannot be used: ${what}`,
    hint: 'a proxy may change answers; if it happens every time, the endpoint is not compatible with SQS',
  }
}

function failed(refusal: Refusal, call: QueueCall): Told {
  return {
    code: 'queue.failed',
    message: `${nameOf(call)} failed at ${call.action} (${refusal.name}): ${refusal.message}`,
    hint: `run it again; if it fails again, check the health of SQS in ${call.queue.region}`,
  }
}

/** SQS has these names, with and without the endings that SDKs and older protocols give them. */
function explainRefusal(refusal: Refusal, call: QueueCall): Told {
  const { queue, caller, action } = call
  const name = refusal.name.replace(/^AWS\.SimpleQueueService\.|^com\.amazonaws\.sqs#/, '').replace('.', '')
  if (/^KMS/i.test(name)) return /Throttl/.test(name) ? throttled(call, 'KMS') : explainKms(refusal, call)
  if (/Throttl|^RequestLimitExceeded$|^TooManyRequests$|^SlowDown$/.test(name) || refusal.status === 429)
    return throttled(call, 'SQS')
  if (/^(?:AccessDenied|AuthorizationError|UnauthorizedOperation)$/.test(name)) {
    return {
      code: 'queue.denied',
      message: `${caller} may not call ${action} on ${nameOf(call)}: ${refusal.message}`,
      hint: `allow ${rightOf(action)} on arn:${partitionOf(queue.region)}:sqs:${queue.region}:${queue.account}:${queue.name} ${sideOf(refusal, queue)}`,
    }
  }
  if (/^(?:QueueDoesNotExist|NonExistentQueue|QueueDeletedRecently)$/.test(name)) {
    return {
      code: 'queue.not-found',
      message: `there is no queue ${queue.name} in account ${queue.account} and region ${queue.region}, or ${caller} may not know of it`,
      hint: `check the URL; if the queue exists, its policy must name ${caller}, or the policies of ${caller} must allow ${rightOf(action)}`,
    }
  }
  if (/^ExpiredToken$/.test(name)) {
    return {
      code: 'queue.expired',
      message: `the credentials of ${caller}, which call ${action} on ${nameOf(call)}, have expired`,
      hint: 'get fresh credentials and run it again',
    }
  }
  if (/credential should be scoped/i.test(refusal.message)) {
    return {
      code: 'queue.refused',
      message: `${nameOf(call)} is not in that region: ${refusal.message}`,
      hint: 'correct the region that was given with the URL of the queue',
    }
  }
  if (/^(?:SignatureDoesNotMatch|IncompleteSignature|InvalidSignature|RequestExpired)$/.test(name)) {
    return explainSignature(refusal, { account: caller.replace(/^account /, '') })
  }
  if (
    /^(?:InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|MissingAuthenticationToken|InvalidSecurityToken|OptInRequired)$/.test(
      name,
    )
  ) {
    return {
      code: 'access.invalid-key',
      message: `SQS in ${queue.region} does not know the access key or session token of ${caller}`,
      hint: `check that the key is active, and that the account of ${caller} has enabled ${queue.region}`,
    }
  }
  if (isOldReceipt(name, refusal, action)) {
    return {
      code: 'queue.receipt-expired',
      message: `${nameOf(call)} does not accept a receipt at ${action} (${refusal.name})`,
      hint: 'the message became visible again, so it will be received again; nothing is lost',
    }
  }
  if (name === 'OverLimit') {
    return {
      code: 'queue.too-many-in-flight',
      message: `${nameOf(call)} gives out no messages: too many are received and not deleted`,
      hint: 'stop other readers of the queue, or wait until their messages become visible again; AWS allows about 120,000 messages in flight',
    }
  }
  if ((refusal.status ?? 400) >= 500 || /^(?:InternalError|InternalFailure|ServiceUnavailable)$/.test(name))
    return failed(refusal, call)
  return {
    code: 'queue.refused',
    message: `${nameOf(call)} refused ${action} (${refusal.name}): ${refusal.message}`,
    hint: 'check the URL of the queue and what runs at its endpoint',
  }
}

/** The message of `InvalidParameterValue` begins with the whole receipt, so that its reason may be cut off. It also names a time that is too long. */
function isOldReceipt(name: string, { message }: Refusal, action: QueueCall['action']): boolean {
  if (/^(?:ReceiptHandleIsInvalid|MessageNotInflight)$/.test(name)) return true
  return name === 'InvalidParameterValue' && action.endsWith('Batch') && !message.includes('VisibilityTimeout')
}

function throttled(call: QueueCall, by: 'SQS' | 'KMS'): Told {
  return {
    code: 'queue.throttled',
    message: `${by} keeps throttling the calls to ${nameOf(call)} (${call.action})`,
    hint: 'wait a minute and run it again; other programs in the account may be calling it',
  }
}

function explainKms(refusal: Refusal, call: QueueCall): Told {
  const { caller } = call
  return {
    code: 'queue.kms',
    message: `${caller} cannot read the messages of ${nameOf(call)}, which a KMS key encrypts (${refusal.name}): ${refusal.message}`,
    hint: `enable the key if it is disabled, and allow ${caller} kms:Decrypt on it: in its own policies, and in the key's policy if the key belongs to another account`,
  }
}

/** SQS says which side did not allow it. If it does not say, both sides are named. */
function sideOf({ message }: Refusal, { account }: QueueAddress): string {
  if (/explicit deny/i.test(message)) return 'and remove the Deny that the message names'
  if (/no resource-based policy/i.test(message)) return `in the policy of the queue, which account ${account} owns`
  if (/no identity-based policy/i.test(message)) return 'in the policies of the caller'
  if (/no session policy/i.test(message))
    return 'in the session policy: run with --no-session-policy if crosstrail made it'
  if (/no VPC endpoint policy/i.test(message)) return 'in the policy of the VPC endpoint'
  if (/no permissions boundary/i.test(message)) return 'in the permissions boundary of the caller'
  if (/no service control policy/i.test(message)) return "in the service control policies of the caller's organization"
  return `in the policies of the caller, and in the policy of the queue if account ${account} is another one`
}

function rightOf(action: QueueCall['action']): string {
  const rights = {
    ReceiveMessage: 'sqs:ReceiveMessage',
    DeleteMessageBatch: 'sqs:DeleteMessage',
    ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
    GetQueueAttributes: 'sqs:GetQueueAttributes',
  } as const
  return rights[action]
}
