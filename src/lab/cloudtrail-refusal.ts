import type { Refusal } from './authenticate.ts'
import { ServiceError } from './error-answer.ts'
import { stsRefusal } from './sts-refusal.ts'

/** Returns CloudTrail's error for a request that is not authenticated. Its codes differ from those of STS, its messages do not. */
export function cloudTrailRefusal(refusal: Refusal): ServiceError {
  return new ServiceError(400, codes[refusal.why], stsRefusal(refusal).message)
}

const codes: Readonly<Record<Refusal['why'], string>> = {
  unsigned: 'MissingAuthenticationTokenException',
  'unknown-key': 'UnrecognizedClientException',
  'bad-token': 'UnrecognizedClientException',
  expired: 'ExpiredTokenException',
  skewed: 'InvalidSignatureException',
  'bad-signature': 'InvalidSignatureException',
  'unsigned-headers': 'InvalidSignatureException',
  'no-body-hash': 'InvalidSignatureException',
  'wrong-body-hash': 'InvalidSignatureException',
}
