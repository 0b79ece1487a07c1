import type { Caller } from './authenticate.ts'
import { callerContext, denial } from './authorize.ts'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { accessDenied, demand, type S3Call } from './s3-call.ts'
import { demandMfa } from './s3-mfa.ts'
import { ServiceError } from './error-answer.ts'
import type { World } from './world.ts'
import { element, textOf, xmlDocument } from './write-xml.ts'

/** `ListBuckets`: the buckets of the caller's account. */
export function listBuckets(world: World, caller: Caller): Reply {
  const action = 's3:ListAllMyBuckets'
  const access = { action, resource: 'arn:aws:s3:::*', context: callerContext(caller), owner: caller.account }
  const reason = denial(caller, access)
  if (reason !== undefined) {
    throw accessDenied(`User: ${caller.arn} is not authorized to perform: ${action} ${reason}`)
  }
  const owned = [...world.buckets.values()].filter((bucket) => bucket.owner === caller.account)
  const buckets = owned
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map((bucket) => {
      const created = element('CreationDate', new Date(bucket.createdAtMs).toISOString())
      return `<Bucket>${element('Name', bucket.name)}${created}${element('BucketRegion', bucket.region)}</Bucket>`
    })
  const owner = `<Owner>${element('ID', canonicalId(caller.account))}</Owner>`
  const inside = `${owner}<Buckets>${buckets.join('')}</Buckets>`
  return xmlReply(xmlDocument(`<ListAllMyBucketsResult ${s3Namespace}>${inside}</ListAllMyBucketsResult>`))
}

/** `HeadBucket`. The region header is on every answer about a bucket. */
export function headBucket(call: S3Call): Reply {
  demand(call, 's3:ListBucket')
  return emptyReply(200, { 'content-type': 'application/xml' })
}

/** `GetBucketLocation`: empty for us-east-1. */
export function bucketLocation(call: S3Call): Reply {
  demand(call, 's3:GetBucketLocation')
  const { region } = call.bucket
  const root =
    region === 'us-east-1'
      ? `<LocationConstraint ${s3Namespace}/>`
      : `<LocationConstraint ${s3Namespace}>${region}</LocationConstraint>`
  return xmlReply(xmlDocument(root))
}

/** `GetBucketVersioning`: no status if it was never enabled. */
export function bucketVersioning(call: S3Call): Reply {
  demand(call, 's3:GetBucketVersioning')
  const { versioning, mfaDelete } = call.bucket
  const status = versioning === 'Off' ? '' : element('Status', versioning)
  const mfa = mfaDelete ? element('MfaDelete', 'Enabled') : ''
  return xmlReply(xmlDocument(`<VersioningConfiguration ${s3Namespace}>${status}${mfa}</VersioningConfiguration>`))
}

/** `GetBucketOwnershipControls`. */
export function bucketOwnership(call: S3Call): Reply {
  demand(call, 's3:GetBucketOwnershipControls')
  const rule = `<Rule>${element('ObjectOwnership', call.bucket.ownership)}</Rule>`
  return xmlReply(xmlDocument(`<OwnershipControls ${s3Namespace}>${rule}</OwnershipControls>`))
}

/** `GetBucketRequestPayment`. */
export function bucketRequestPayment(call: S3Call): Reply {
  demand(call, 's3:GetBucketRequestPayment')
  const payer = element('Payer', call.bucket.requesterPays ? 'Requester' : 'BucketOwner')
  return xmlReply(xmlDocument(`<RequestPaymentConfiguration ${s3Namespace}>${payer}</RequestPaymentConfiguration>`))
}

/** `GetBucketEncryption`. S3 encrypts each object at least with its own keys. */
export function bucketEncryption(call: S3Call): Reply {
  demand(call, 's3:GetEncryptionConfiguration')
  const rule = `<Rule><ApplyServerSideEncryptionByDefault>${element('SSEAlgorithm', 'AES256')}</ApplyServerSideEncryptionByDefault></Rule>`
  return xmlReply(
    xmlDocument(`<ServerSideEncryptionConfiguration ${s3Namespace}>${rule}</ServerSideEncryptionConfiguration>`),
  )
}

/** `GetBucketLifecycleConfiguration`: one rule, if the bucket has one. */
export function bucketLifecycle(call: S3Call): Reply {
  demand(call, 's3:GetLifecycleConfiguration')
  const { expiresAfterDays, name } = call.bucket
  if (expiresAfterDays === undefined) {
    const message = 'The lifecycle configuration does not exist'
    throw new ServiceError(404, 'NoSuchLifecycleConfiguration', message, { BucketName: name })
  }
  const rule = `<Rule><Filter><Prefix></Prefix></Filter>${element('Status', 'Enabled')}<Expiration>${element('Days', expiresAfterDays)}</Expiration></Rule>`
  return xmlReply(xmlDocument(`<LifecycleConfiguration ${s3Namespace}>${rule}</LifecycleConfiguration>`))
}

export function putBucketVersioning(call: S3Call): Reply {
  demand(call, 's3:PutBucketVersioning')
  const status = textOf(call.request.body.toString(), 'Status')
  if (status !== 'Enabled' && status !== 'Suspended') {
    const message = 'The Versioning element must be specified'
    throw new ServiceError(400, 'IllegalVersioningConfigurationException', message)
  }
  demandMfa(call)
  if (call.bucket.hasObjectLock && status === 'Suspended') {
    const message = 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.'
    throw new ServiceError(409, 'InvalidBucketState', message)
  }
  call.bucket.versioning = status
  return emptyReply(200)
}

export const s3Namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

/** The 64 hexadecimal characters that S3 shows for an owner. */
export function canonicalId(account: string): string {
  return Buffer.from(`canonical user of ${account}`).toString('hex').padEnd(64, '0').slice(0, 64)
}
