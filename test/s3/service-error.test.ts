import { describe, expect, it } from 'vitest'
import { isPassing } from '../../src/s3/retry.ts'
import { type CallContext, faultError, readFault } from '../../src/s3/service-error.ts'
import { rememberWord } from '../../src/secrets/masked-text.ts'

function errorOf(operation: CallContext['operation'], status: number, code: string, message = '') {
  const context = { operation, bucket: 'b', owner: '111111111111', target: 'k' }
  return faultError({ status, code, message, requestId: 'R', bucketRegion: undefined }, context)
}

describe('an error of S3', () => {
  it.each([
    ['GetObject', 404, 'NotFound', '', 'object.gone', false],
    ['HeadObject', 404, 'NotFound', '', 'object.gone', false],
    ['GetBucketVersioning', 404, 'NoSuchBucket', '', 'bucket.not-found', false],
    ['ListObjectVersions', 404, 'Odd', '', 'bucket.refused', false],
    ['DeleteObjects', 200, 'PreconditionFailed', '', 'object.changed', false],
    ['DeleteObjects', 200, 'ConditionalRequestConflict', '', 'bucket.server-error', true],
    ['DeleteObjects', 200, 'AccessDenied', 'Access Denied', 'access.delete-denied', false],
    [
      'DeleteObjects',
      200,
      'AccessDenied',
      'Access Denied because object protected by object lock.',
      'object.locked',
      false,
    ],
    [
      'DeleteObjects',
      403,
      'AccessDenied',
      'Mfa Authentication must be used for this request',
      'access.mfa-required',
      false,
    ],
    ['DeleteObjects', 200, 'SlowDown', '', 'bucket.slow-down', true],
    ['DeleteObjects', 503, 'ServiceUnavailable', '', 'bucket.slow-down', true],
    ['DeleteObjects', 200, 'InternalError', '', 'bucket.server-error', true],
    ['DeleteObjects', 502, 'HTTP 502', '', 'bucket.server-error', true],
    [
      'CopyObject',
      403,
      'AccessDenied',
      'no identity-based policy allows the kms:Decrypt action',
      'access.kms-denied',
      false,
    ],
    ['CopyObject', 403, 'AccessDenied', '', 'access.copy-denied', false],
    ['UploadPart', 403, 'AccessDenied', '', 'access.put-denied', false],
    ['UploadPart', 404, 'NoSuchUpload', '', 'object.upload-gone', false],
    ['PutObject', 400, 'BadDigest', '', 'object.corrupt', true],
    ['RestoreObject', 403, 'AccessDenied', '', 'access.restore-denied', false],
    ['RestoreObject', 503, 'GlacierExpeditedRetrievalNotAvailable', '', 'object.restore-unavailable', false],
    ['GetObjectLockConfiguration', 403, 'AccessDenied', '', 'access.protection-denied', false],
    ['GetObjectRetention', 403, 'AccessDenied', '', 'access.lock-denied', false],
    ['GetObjectLockConfiguration', 501, 'NotImplemented', '', 'bucket.refused', false],
  ] as const)('for %s, %i %s %j is %s', (operation, status, code, message, expected, passes) => {
    const error = errorOf(operation, status, code, message)
    expect([error.code, isPassing(error)]).toEqual([expected, passes])
  })
})

describe('what an answer says', () => {
  it.each([
    ['us-east-1', 'us-east-1'],
    ['garage', 'garage'],
    ['FwoGZXIvYXdzEXAMPLETOKEN', undefined],
    ['us-east-1.example.com/', undefined],
    ['a'.repeat(33), undefined],
  ])('about the region (%s) counts only if it can be part of a host name', (sent, region) => {
    const answer = { status: 301, headers: { 'x-amz-bucket-region': sent }, body: Buffer.from('') }
    expect(readFault(answer).bucketRegion).toBe(region)
    const document = { status: 301, headers: {}, body: Buffer.from(`<Error><Region>${sent}</Region></Error>`) }
    expect(readFault(document).bucketRegion).toBe(region)
  })

  it('is shown without an MFA code that it repeats', () => {
    rememberWord('975318')
    const error = errorOf('DeleteObjects', 403, 'AccessDenied', "x-amz-mfa was 'arn:aws:iam::1:mfa/ana 975318'")
    expect(error.message).toContain("mfa/ana ****'")
  })
})

describe('a denial', () => {
  it('has a hint about the action that S3 or KMS names', () => {
    const named = (action: string) =>
      `User: arn:aws:iam::1:role/R is not authorized to perform: ${action} on resource: "x"`
    expect(errorOf('GetObject', 403, 'AccessDenied', named('s3:GetObjectVersion')).hint).toContain(
      'the role and the session policy must allow s3:GetObjectVersion there',
    )
    expect(errorOf('PutObject', 403, 'AccessDenied', named('kms:GenerateDataKey')).hint).toContain(
      'must both allow kms:GenerateDataKey',
    )
    expect(errorOf('GetObject', 403, 'AccessDenied', 'Access Denied').hint).toContain(
      'the role and the session policy must allow s3:GetObject there',
    )
  })

  it.each(['AccountProblem', 'AllAccessDisabled', 'InvalidPayer', 'NotSignedUp', 'UnauthorizedAccess'])(
    'of a whole account (%s) points to AWS Support and names no right',
    (code) => {
      const error = errorOf('ListObjectsV2', 403, code, 'There is a problem with your account')
      expect(error).toMatchObject({ code: 'access.account-problem', hint: expect.stringContaining('AWS Support') })
      expect(error.hint).not.toMatch(/s3:|must allow/)
    },
  )
})
