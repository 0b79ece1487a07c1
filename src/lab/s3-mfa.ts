import { labMfaCode, labMfaSerial } from './fixture.ts'
import { headerOf } from './request.ts'
import { accessDenied, type S3Call } from './s3-call.ts'

/** Requires the code of the fixture's MFA device if the bucket has MFA Delete. @throws {ServiceError} `AccessDenied` */
export function demandMfa({ request, bucket }: S3Call): void {
  if (!bucket.mfaDelete || headerOf(request, 'x-amz-mfa') === `${labMfaSerial} ${labMfaCode}`) return
  throw accessDenied('Mfa Authentication must be used for this request')
}
