import { CrosstrailError, type ErrorCode } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import { type HttpAnswer, type HttpHeaders, header } from './http.ts'
import { isBucketCall, type Operation, operations } from './operations.ts'
import type { Pace } from './pacer.ts'
import { elementText } from './xml.ts'

/** The call that was answered, for messages and facts. */
export interface CallContext {
  readonly operation: Operation
  readonly bucket: string
  readonly owner: string
  /** The listing's prefix or the object's key. */
  readonly target: string
}

/** An error answer of S3: an XML document, or for HEAD just a status. */
export interface ServiceFault {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly requestId: string | undefined
  /** The bucket's own region, if the answer names it. */
  readonly bucketRegion: string | undefined
}

export function readFault(answer: HttpAnswer): ServiceFault {
  const xml = answer.body.toString('utf8')
  return {
    status: answer.status,
    code: elementText(xml, 'Code') ?? codeByStatus(answer.status),
    message: elementText(xml, 'Message') ?? '',
    requestId: elementText(xml, 'RequestId') ?? header(answer.headers, 'x-amz-request-id'),
    bucketRegion: bucketRegionOf(answer.headers) ?? regionName(elementText(xml, 'Region')),
  }
}

/** Returns the usual code of a status, because HEAD answers have no document. */
export function codeByStatus(status: number): string {
  return (
    { 301: 'PermanentRedirect', 400: 'BadRequest', 403: 'AccessDenied', 404: 'NotFound', 503: 'ServiceUnavailable' }[
      status
    ] ?? `HTTP ${status}`
  )
}

export function bucketRegionOf(headers: HttpHeaders): string | undefined {
  return regionName(header(headers, 'x-amz-bucket-region'))
}

/** Accepts any plain name, because stores that imitate S3 have their own region names. It becomes part of a host name, so other text is rejected. */
export function regionName(text: string | undefined): string | undefined {
  return text !== undefined && /^[a-z][a-z0-9-]{0,31}$/.test(text) ? text : undefined
}

/** Returns whether a document that came with status 200 is an error. */
export function isErrorDocument(xml: string): boolean {
  return /^\s*(<\?xml[^>]*\?>)?\s*<Error[\s>]/.test(xml)
}

export function isExpired(fault: ServiceFault): boolean {
  return fault.code === 'ExpiredToken' || fault.code === 'TokenRefreshRequired'
}

/** Returns whether the bucket is in another region than the request was signed for. */
export function isElsewhere(fault: ServiceFault, region: string): fault is ServiceFault & { bucketRegion: string } {
  return (
    fault.bucketRegion !== undefined &&
    fault.bucketRegion !== region &&
    (fault.status === 301 ||
      fault.status === 307 ||
      fault.code === 'AuthorizationHeaderMalformed' ||
      fault.code === 'BadRequest' ||
      fault.code === 'IllegalLocationConstraintException')
  )
}

/** Returns `slow-down` if S3 asked for fewer requests, `unknown` if there was no answer. */
export function paceOf(error: unknown): Pace {
  if (!(error instanceof CrosstrailError)) return 'unknown'
  const { status } = error.facts
  const asksForLess = error.code === 'network.foreign-answer' && (status === 503 || status === 429)
  if (error.code === 'bucket.slow-down' || asksForLess) return 'slow-down'
  return error.code.startsWith('network.') ? 'unknown' : 'answered'
}

/** Returns the fault as an error that says what was tried, what the answer was and what to do. */
export function faultError(fault: ServiceFault, context: CallContext): CrosstrailError {
  const { code, hint } = explain(fault, context)
  const serviceCode = maskedForeignText(fault.code)
  const requestId = fault.requestId && maskedForeignText(fault.requestId)
  const said = fault.message === '' ? serviceCode : `${serviceCode}: ${maskedForeignText(fault.message)}`
  return new CrosstrailError(code, `${callText(context)} answered ${fault.status} ${said}`, {
    hint,
    facts: { status: fault.status, serviceCode, requestId, operation: context.operation },
  })
}

/** `GetObject of s3://logs/AWSLogs/…` */
export function callText({ operation, bucket, target }: CallContext): string {
  return `${operation} of ${target === '' ? bucket : `s3://${bucket}/${target}`}`
}

function explain(fault: ServiceFault, context: CallContext): { code: ErrorCode; hint?: string } {
  const known = explanations[fault.code]
  if (known !== undefined) return known
  if (fault.code === 'AccessDenied' || fault.status === 403) return explainDenial(fault, context)
  if (fault.status === 429) return { code: 'bucket.slow-down' }
  if (fault.status >= 500) return { code: 'bucket.server-error' }
  if (fault.status === 404 && !isBucketCall(context.operation)) return goneObject
  if (fault.status >= 300 && fault.status < 400)
    return { code: 'bucket.elsewhere', hint: 'set trail.region to the region of the bucket' }
  return { code: 'bucket.refused' }
}

/** The error for a key that a listing no longer shows. */
export function goneError(key: string, cause: unknown): CrosstrailError {
  return new CrosstrailError(goneObject.code, `${key} no longer exists`, { hint: goneObject.hint, cause })
}

const goneObject = {
  code: 'object.gone',
  hint: 'it was listed but no longer exists: a lifecycle rule or another person removed it',
} as const

export const replacedHint = 'it was replaced after it was listed: run again, and find out who replaces logs'

const explanations: Readonly<Record<string, { code: ErrorCode; hint?: string }>> = {
  SlowDown: { code: 'bucket.slow-down', hint: 'lower --concurrency' },
  ServiceUnavailable: { code: 'bucket.slow-down', hint: 'lower --concurrency' },
  PreconditionFailed: {
    code: 'object.changed',
    hint: replacedHint,
  },
  ConditionalRequestConflict: { code: 'bucket.server-error' },
  OperationAborted: { code: 'bucket.server-error' },
  RequestTimeout: { code: 'bucket.server-error' },
  InternalError: { code: 'bucket.server-error' },
  NoSuchBucket: { code: 'bucket.not-found', hint: 'check trail.bucket, and the partition of trail.region' },
  NoSuchKey: goneObject,
  NoSuchVersion: goneObject,
  NoSuchUpload: { code: 'object.upload-gone', hint: 'a lifecycle rule or another person ended the upload: run again' },
  BadDigest: { code: 'object.corrupt', hint: 'it was damaged in transit: a proxy may change bodies' },
  NotImplemented: { code: 'bucket.refused', hint: 'the endpoint is not AWS S3 and does not support this call' },
  GlacierExpeditedRetrievalNotAvailable: {
    code: 'object.restore-unavailable',
    hint: 'expedited retrieval has no capacity now: use --restore-tier standard',
  },
  InvalidObjectState: { code: 'object.archived', hint: 'it must be restored before it can be read' },
  ExpiredToken: {
    code: 'access.session-expired',
    hint: 'the renewed session was refused too: check the clock of this machine',
  },
  InvalidToken: { code: 'access.session-invalid', hint: 'the session was revoked, or belongs to another partition' },
  InvalidAccessKeyId: {
    code: 'access.invalid-key',
    hint: 'the endpoint does not know the access key: check that it belongs to this partition',
  },
  SignatureDoesNotMatch: {
    code: 'access.wrong-signature',
    hint: 'the secret key is wrong, or a proxy changes requests',
  },
  ...Object.fromEntries(
    ['AccountProblem', 'AllAccessDisabled', 'InvalidPayer', 'NotSignedUp', 'UnauthorizedAccess'].map((code) => [
      code,
      {
        code: 'access.account-problem',
        hint: 'AWS has suspended an account, has not activated it or has disabled the bucket, and no policy changes that: the owner of the account must contact AWS Support',
      } as const,
    ]),
  ),
  RequestTimeTooSkewed: {
    code: 'access.clock-skew',
    hint: 'set the clock of this machine: it is more than 15 minutes off',
  },
}

/** Returns whether S3's message is about a KMS key. The name of a bucket or key may contain these letters too. */
export function isKmsDenial(message: string): boolean {
  return /\bkms:|\bKMS (key|master)|AWS KMS|ciphertext/i.test(message)
}

function deniedAction(message: string): string | undefined {
  return /not authorized to perform:? ((?:s3|kms):\w+)/i.exec(message)?.[1]
}

function explainDenial(fault: ServiceFault, context: CallContext): { code: ErrorCode; hint: string } {
  const named = deniedAction(fault.message)
  if (isKmsDenial(fault.message)) {
    return {
      code: 'access.kms-denied',
      hint: `the role and the policy of the KMS key must both allow ${named ?? 'kms:Decrypt'}`,
    }
  }
  // Names of users, roles and keys may contain "mfa" too.
  if (/\bmfa\b/i.test(fault.message.replaceAll(/arn:\S+/g, ''))) {
    return {
      code: 'access.mfa-required',
      hint: 'the bucket has MFA Delete: give the serial number and a code of the MFA device',
    }
  }
  if (context.operation === 'DeleteObjects' && /object[- ]?lock/i.test(fault.message)) {
    return { code: 'object.locked', hint: 'Object Lock protects this version: check its retention and its legal hold' }
  }
  const { action, denied } = operations[context.operation]
  return {
    code: denied,
    hint: `the role and the session policy must allow ${named ?? action} there, and trail.owner (${context.owner}) must own ${context.bucket}${context.operation === 'ListObjectsV2' ? '; trail.prefix and trail.organization must be right' : ''}`,
  }
}
