import { checkedBody } from './checksums.ts'
import { restoreExpiryMs } from './restore-object.ts'
import { emptyReply, type Reply } from './reply.ts'
import { demand, type S3Call } from './s3-call.ts'
import { readable } from './s3-read.ts'
import { malformedXml } from './s3-refusal.ts'
import { ServiceError } from './error-answer.ts'
import { isCold, isRestored, type StoredObject } from './stored-object.ts'
import { textOf } from './write-xml.ts'

/** `RestoreObject`: 202 for a new request, 200 if a restored copy exists, whose days then count from now. `Bucket.finishRestores` completes it. */
export function restoreObject(call: S3Call): Reply {
  const { request, bucket, key, world } = call
  demand(call, 's3:RestoreObject')
  const object = readable(call, request.query.get('versionId'))
  const xml = checkedBody(request).body.toString()
  const days = daysOf(xml, object)
  if (!isCold(object)) {
    const message = "Restore is not allowed for the object's current storage class"
    throw new ServiceError(403, 'InvalidObjectState', message, { StorageClass: object.storageClass })
  }
  checkTier(xml, object)
  if (object.restore?.ongoing === true) {
    throw new ServiceError(409, 'RestoreAlreadyInProgress', 'Object restore is already in progress')
  }
  if (isRestored(object, world.now()) && days !== undefined) {
    const restore = { ongoing: false, days, expiresAtMs: restoreExpiryMs(world.now(), days) }
    bucket.change(key, object.versionId, { restore })
    return emptyReply(200)
  }
  bucket.change(key, object.versionId, { restore: { ongoing: true, ...(days === undefined ? {} : { days }) } })
  return emptyReply(202)
}

function daysOf(xml: string, { isArchivedTier }: StoredObject): number | undefined {
  const text = textOf(xml, 'Days')
  if (text === undefined) {
    if (isArchivedTier === true) return undefined
    throw malformedXml()
  }
  if (isArchivedTier === true) {
    const message = 'Days parameter is not allowed for the INTELLIGENT_TIERING storage class'
    throw new ServiceError(400, 'InvalidArgument', message)
  }
  if (!/^[1-9]\d{0,8}$/.test(text)) throw malformedXml()
  return Number(text)
}

function checkTier(xml: string, { storageClass }: StoredObject): void {
  const tier = textOf(xml, 'Tier') ?? 'Standard'
  if (!['Standard', 'Bulk', 'Expedited'].includes(tier)) throw malformedXml()
  if (tier !== 'Expedited' || storageClass !== 'DEEP_ARCHIVE') return
  throw new ServiceError(400, 'InvalidArgument', 'Retrieval option is not supported by this storage class')
}
