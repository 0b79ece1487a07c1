import type { Caller } from './authenticate.ts'
import { callerContext, denial } from './authorize.ts'
import type { Bucket } from './stored-bucket.ts'
import type { Fault } from './faults.ts'
import type { LabRequest } from './request.ts'
import { ServiceError } from './error-answer.ts'
import type { World } from './world.ts'

/** An authenticated request to a bucket that exists. */
export interface S3Call {
  readonly world: World
  readonly request: LabRequest
  readonly caller: Caller
  readonly bucket: Bucket
  /** Empty for calls to the bucket itself. */
  readonly key: string
  /** A fault that the operation itself must apply, because it affects only a part of the request. */
  readonly fault?: Fault | undefined
}

/** Checks the policies. @throws {ServiceError} `AccessDenied`, with S3's message */
export function demand(call: S3Call, action: string, facts: Readonly<Record<string, string | undefined>> = {}): void {
  demandOn(call, action, call.bucket, call.key, facts)
}

/** `demand` for a bucket or key other than the one in the request's address. */
export function demandOn(
  { caller, request }: Pick<S3Call, 'caller' | 'request'>,
  action: string,
  bucket: Bucket,
  key: string,
  facts: Readonly<Record<string, string | undefined>> = {},
): void {
  const context = callerContext(caller).set('s3:resourceaccount', bucket.owner)
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) context.set(name, value)
  const resource = key === '' ? bucket.arn : `${bucket.arn}/${key}`
  const access = { action, resource, context, owner: bucket.owner, bucketPolicy: bucket.policy }
  const reason = denial(caller, access)
  if (reason === undefined) return
  // S3 gives the reason only to callers of the owner's account.
  const explains = caller.account === bucket.owner && request.method !== 'HEAD'
  throw accessDenied(
    explains
      ? `User: ${caller.arn} is not authorized to perform: ${action} on resource: "${resource}" ${reason}`
      : undefined,
  )
}

export function accessDenied(message = 'Access Denied'): ServiceError {
  return new ServiceError(403, 'AccessDenied', message)
}

/**
 * Returns why the caller may not learn that a key does not exist; undefined if it may. S3 checks `s3:ListBucket` without a prefix here, so
 * a policy limited by `s3:prefix` does not count.
 */
export function denialToKnowOfMissing(call: S3Call): ServiceError | undefined {
  return denied({ ...call, key: '' }, 's3:ListBucket')
}

/** `demand` as a yes-no question. */
export function may(call: S3Call, action: string): boolean {
  return denied(call, action) === undefined
}

function denied(call: S3Call, action: string): ServiceError | undefined {
  try {
    demand(call, action)
    return undefined
  } catch (error) {
    if (error instanceof ServiceError) return error
    throw error
  }
}
