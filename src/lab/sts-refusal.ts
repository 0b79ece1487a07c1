import { maxSkewMs, type Refusal } from './authenticate.ts'
import { ServiceError } from './error-answer.ts'

/** Returns STS's error for a request that is not authenticated. Its codes differ from S3's. */
export function stsRefusal(refusal: Refusal): ServiceError {
  switch (refusal.why) {
    case 'unsigned':
      return new ServiceError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token')
    case 'unknown-key':
    case 'bad-token':
      return new ServiceError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')
    case 'expired':
      return new ServiceError(403, 'ExpiredToken', 'The security token included in the request is expired')
    case 'skewed':
      return new ServiceError(403, 'SignatureDoesNotMatch', skewMessage(refusal.signedAtMs, refusal.nowMs))
    case 'bad-signature':
    case 'unsigned-headers':
    case 'no-body-hash':
    case 'wrong-body-hash':
      return new ServiceError(403, 'SignatureDoesNotMatch', mismatchMessage)
  }
}

const mismatchMessage =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

function skewMessage(signedAtMs: number, nowMs: number): string {
  const signed = stamp(signedAtMs)
  return signedAtMs < nowMs
    ? `Signature expired: ${signed} is now earlier than ${stamp(nowMs - maxSkewMs)} (${stamp(nowMs)} - 15 min.)`
    : `Signature not yet current: ${signed} is still later than ${stamp(nowMs + maxSkewMs)} (${stamp(nowMs)} + 15 min.)`
}

function stamp(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
}
