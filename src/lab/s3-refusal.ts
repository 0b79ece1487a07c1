import { maxSkewMs, type Refusal } from './authenticate.ts'
import { headerOf, type LabRequest } from './request.ts'
import { ServiceError } from './error-answer.ts'

/** Returns S3's error for a request that is not authenticated, with the message from its documentation. */
export function s3Refusal(refusal: Refusal, request: LabRequest): ServiceError {
  const accessKeyId = /Credential=([^/,]+)/.exec(headerOf(request, 'authorization') ?? '')?.[1] ?? ''
  switch (refusal.why) {
    case 'unsigned':
      return new ServiceError(403, 'AccessDenied', 'Access Denied')
    case 'unknown-key': {
      const message = 'The AWS Access Key Id you provided does not exist in our records.'
      return new ServiceError(403, 'InvalidAccessKeyId', message, { AWSAccessKeyId: accessKeyId })
    }
    case 'bad-token':
      return new ServiceError(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.')
    case 'expired':
      return expiredToken()
    case 'bad-signature': {
      const message =
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
      return new ServiceError(403, 'SignatureDoesNotMatch', message, { AWSAccessKeyId: accessKeyId })
    }
    case 'unsigned-headers': {
      const message = 'There were headers present in the request which were not signed'
      return new ServiceError(403, 'AccessDenied', message, { HeadersNotSigned: refusal.headers.join(', ') })
    }
    case 'skewed': {
      const message = 'The difference between the request time and the current time is too large.'
      return new ServiceError(403, 'RequestTimeTooSkewed', message, {
        RequestTime: new Date(refusal.signedAtMs).toISOString().replace(/[-:]|\.\d{3}/g, ''),
        ServerTime: new Date(refusal.nowMs).toISOString().replace(/\.\d{3}/, ''),
        MaxAllowedSkewMilliseconds: String(maxSkewMs),
      })
    }
    case 'no-body-hash':
      return new ServiceError(400, 'InvalidRequest', 'Missing required header for this request: x-amz-content-sha256')
    case 'wrong-body-hash': {
      const message = "The provided 'x-amz-content-sha256' header does not match what was computed."
      return new ServiceError(400, 'XAmzContentSHA256Mismatch', message)
    }
  }
}

export function expiredToken(): ServiceError {
  return new ServiceError(400, 'ExpiredToken', 'The provided token has expired.')
}

export function malformedXml(): ServiceError {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema'
  return new ServiceError(400, 'MalformedXML', message)
}
