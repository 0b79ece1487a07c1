import { digestedBody } from './checksums.ts'
import { lockOn } from './object-lock.ts'
import { emptyReply, xmlReply, type Reply } from './reply.ts'
import { headerOf } from './request.ts'
import { s3Namespace } from './s3-buckets.ts'
import { accessDenied, demand, type S3Call } from './s3-call.ts'
import { readable } from './s3-read.ts'
import { malformedXml } from './s3-refusal.ts'
import { ServiceError } from './error-answer.ts'
import type { Retention, StoredObject } from './stored-object.ts'
import { element, textOf, xmlDocument } from './write-xml.ts'

export function getObjectLockConfiguration(call: S3Call): Reply {
  demand(call, 's3:GetBucketObjectLockConfiguration')
  const { hasObjectLock, defaultRetention } = call.bucket
  if (!hasObjectLock) {
    const message = 'Object Lock configuration does not exist for this bucket'
    throw new ServiceError(404, 'ObjectLockConfigurationNotFoundError', message, { BucketName: call.bucket.name })
  }
  const retention =
    defaultRetention === undefined
      ? ''
      : `<Rule><DefaultRetention>${element('Mode', defaultRetention.mode)}${element('Days', defaultRetention.days)}</DefaultRetention></Rule>`
  const root = `${element('ObjectLockEnabled', 'Enabled')}${retention}`
  return xmlReply(xmlDocument(`<ObjectLockConfiguration ${s3Namespace}>${root}</ObjectLockConfiguration>`))
}

export function getObjectRetention(call: S3Call): Reply {
  const { retention } = lockable(call, 's3:GetObjectRetention')
  if (retention === undefined) throw notLocked()
  const until = element('RetainUntilDate', new Date(retention.untilMs).toISOString())
  return xmlReply(xmlDocument(`<Retention ${s3Namespace}>${element('Mode', retention.mode)}${until}</Retention>`))
}

/** `PutObjectRetention`: may always extend; may shorten only in governance mode, with the right to bypass it. */
export function putObjectRetention(call: S3Call): Reply {
  const object = lockable(call, 's3:PutObjectRetention')
  const xml = digestedBody(call.request).toString()
  const mode = textOf(xml, 'Mode')
  const until = textOf(xml, 'RetainUntilDate')
  const retention = mode === undefined && until === undefined ? undefined : readRetention(call, mode, until)
  const weakens =
    retention === undefined ||
    retention.untilMs < (object.retention?.untilMs ?? 0) ||
    (object.retention?.mode === 'COMPLIANCE' && retention.mode === 'GOVERNANCE')
  if (weakens) demandUnlocked(call, { ...object, legalHold: false })
  call.bucket.change(call.key, object.versionId, { retention })
  return emptyReply(200)
}

export function getObjectLegalHold(call: S3Call): Reply {
  const { legalHold } = lockable(call, 's3:GetObjectLegalHold')
  if (legalHold === undefined) throw notLocked()
  const status = element('Status', legalHold ? 'ON' : 'OFF')
  return xmlReply(xmlDocument(`<LegalHold ${s3Namespace}>${status}</LegalHold>`))
}

export function putObjectLegalHold(call: S3Call): Reply {
  const { versionId } = lockable(call, 's3:PutObjectLegalHold')
  const status = textOf(digestedBody(call.request).toString(), 'Status')
  if (status !== 'ON' && status !== 'OFF') throw malformedXml()
  call.bucket.change(call.key, versionId, { legalHold: status === 'ON' })
  return emptyReply(200)
}

/**
 * Refuses to delete or weaken a locked version. Governance can be bypassed by `x-amz-bypass-governance-retention` with
 * s3:BypassGovernanceRetention, which S3 checks whenever the header is sent.
 * @throws {ServiceError} `AccessDenied`; `InvalidArgument` for the header if there is no Object Lock
 */
export function demandUnlocked(call: S3Call, version: StoredObject | undefined): void {
  const bypasses = headerOf(call.request, 'x-amz-bypass-governance-retention')?.toLowerCase() === 'true'
  if (bypasses && !call.bucket.hasObjectLock) {
    const message = 'x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.'
    throw new ServiceError(400, 'InvalidArgument', message)
  }
  if (bypasses) demand(call, 's3:BypassGovernanceRetention')
  const lock = version === undefined ? undefined : lockOn(version, call.world.now())
  if (lock === undefined || (lock === 'governance' && bypasses)) return
  throw accessDenied('Access Denied because object protected by object lock.')
}

/** Returns the retention from the headers of a put. */
export function retentionOf(call: S3Call, mode: string | undefined, until: string | undefined): Retention {
  demand(call, 's3:PutObjectRetention')
  checkHasLock(call)
  return readRetention(call, mode, until)
}

/** Returns the legal hold from the header of a put. */
export function legalHoldOf(call: S3Call, status: string): boolean {
  demand(call, 's3:PutObjectLegalHold')
  checkHasLock(call)
  if (status === 'ON' || status === 'OFF') return status === 'ON'
  throw new ServiceError(400, 'InvalidArgument', 'Legal Hold must be either of [ON, OFF]')
}

function readRetention({ world }: S3Call, mode: string | undefined, until: string | undefined): Retention {
  const untilMs = Date.parse(until ?? '')
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || Number.isNaN(untilMs)) throw malformedXml()
  if (untilMs > world.now()) return { mode, untilMs }
  throw new ServiceError(400, 'InvalidArgument', 'The retain until date must be in the future!')
}

function lockable(call: S3Call, action: string): StoredObject {
  const versionId = call.request.query.get('versionId')
  demand(call, action, { 's3:versionid': versionId })
  checkHasLock(call)
  return readable(call, versionId)
}

function checkHasLock({ bucket }: S3Call): void {
  if (bucket.hasObjectLock) return
  throw new ServiceError(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration')
}

function notLocked(): ServiceError {
  const message = 'The specified object does not have a ObjectLock configuration'
  return new ServiceError(404, 'NoSuchObjectLockConfiguration', message)
}
