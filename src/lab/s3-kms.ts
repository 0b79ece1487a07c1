import type { AccountId } from '../trail/account-id.ts'
import { callerContext, denial } from './authorize.ts'
import type { Bucket } from './stored-bucket.ts'
import { accessDenied, type S3Call } from './s3-call.ts'
import type { StoredObject } from './stored-object.ts'

type Caller = Pick<S3Call, 'caller' | 'world'>

/** Checks that the caller may use an object's KMS key to read it. @throws {ServiceError} `AccessDenied` that names `kms:Decrypt` */
export function demandDecrypt(call: Caller, bucket: Bucket, object: StoredObject): void {
  if (object.kmsKeyArn === undefined) return
  demandKey(call, 'kms:Decrypt', 'on the resource associated with this ciphertext', {
    bucket,
    kmsKeyArn: object.kmsKeyArn,
    encryptionContext: object.encryptionContext ?? {},
  })
}

/** Checks that the caller may use a KMS key to write. @throws {ServiceError} `AccessDenied` that names the key */
export function demandDataKey(call: Caller, bucket: Bucket, key: string, kmsKeyArn: string): void {
  const encryptionContext = { 'aws:s3:arn': `${bucket.arn}/${key}` }
  demandKey(call, 'kms:GenerateDataKey', `on resource: ${kmsKeyArn}`, { bucket, kmsKeyArn, encryptionContext })
}

/** The key that S3 uses for `aws:kms` if none is named: AWS's own, which no other account can use. */
export function awsManagedKey(bucket: Bucket): string {
  return `arn:aws:kms:${bucket.region}:${bucket.owner}:key/${awsManagedId}`
}

/** Returns the ARN of a key that may be given only by its ID, and then belongs to the caller's account. */
export function keyArnOf(call: Pick<S3Call, 'caller' | 'bucket'>, key: string): string {
  return key.startsWith('arn:') ? key : `arn:aws:kms:${call.bucket.region}:${call.caller.account}:key/${key}`
}

const awsManagedId = '00000000-0000-4000-8000-00000000a553'

interface KeyUse {
  readonly bucket: Bucket
  readonly kmsKeyArn: string
  readonly encryptionContext: Readonly<Record<string, string>>
}

function demandKey({ caller, world }: Caller, action: string, on: string, use: KeyUse): void {
  const { bucket, kmsKeyArn } = use
  const owner = (kmsKeyArn.split(':')[4] ?? bucket.owner) as AccountId
  if (kmsKeyArn.endsWith(`/${awsManagedId}`) && caller.account === owner) return
  const context = callerContext(caller).set('kms:viaservice', `s3.${bucket.region}.amazonaws.com`)
  for (const [name, value] of Object.entries(use.encryptionContext)) {
    context.set(`kms:encryptioncontext:${name.toLowerCase()}`, value)
  }
  const bucketPolicy = world.keyPolicies.get(kmsKeyArn)
  const reason = denial(caller, { action, resource: kmsKeyArn, context, owner, bucketPolicy })
  if (reason === undefined) return
  throw accessDenied(`User: ${caller.arn} is not authorized to perform: ${action} ${on} ${reason}`)
}
