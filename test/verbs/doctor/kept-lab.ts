import { readFileSync, writeFileSync } from 'node:fs'
import { labRoles } from '../../../src/lab/fixture.ts'
import type { LabRole } from '../../../src/lab/iam.ts'
import type { Lab } from '../../../src/lab/lab.ts'

/** Saves the state of the lab, the shared files and the environment. Returns a function that restores it. */
export function keepLab(lab: Lab): () => void {
  const restores = [keepRoles(lab), keepUsers(lab), keepBucket(lab), keepMachine()]
  return () => {
    lab.setFaults({})
    for (const restore of restores) restore()
  }
}

/** Returns the requests that changed something. Doctor must make none. */
export function tracesIn(lab: Lab): readonly string[] {
  return lab.requests
    .recent()
    .filter(
      ({ method, operation, status }) =>
        method !== 'GET' && method !== 'HEAD' && !isOfOtherService(operation) && status < 300,
    )
    .map(({ operation, bucket, key }) => `${operation} of ${bucket}/${key}`)
}

export function roleOf(lab: Lab, arn: string): LabRole {
  const role = lab.iam.role(arn)
  if (role === undefined) throw new Error(`the lab has no role ${arn}`)
  return role
}

/** Calls of other services than S3 are POSTs, and change nothing here. */
function isOfOtherService(operation: string): boolean {
  return ['AssumeRole', 'GetCallerIdentity', 'ListPublicKeys', 'GetQueueAttributes'].includes(operation)
}

function keepRoles(lab: Lab): () => void {
  const kept = Object.values(labRoles).map((arn) => {
    const role = roleOf(lab, arn)
    const { trust, policies, maxSessionSeconds } = role
    return { role, before: { trust, policies, maxSessionSeconds } }
  })
  return () => {
    for (const { role, before } of kept) Object.assign(role, before)
  }
}

function keepUsers({ principals: { bAudit, zAudit } }: Lab): () => void {
  const kept = [bAudit, zAudit].map(({ user }) => {
    const { policies, mfaDevices } = user
    return { user, before: { policies, mfaDevices } }
  })
  return () => {
    for (const { user, before } of kept) Object.assign(user, before)
  }
}

function keepBucket(lab: Lab): () => void {
  const bucket = lab.bucket()
  const { policy, requesterPays, versioning } = bucket
  const objects = new Map(bucket.keys().map((key) => [key, bucket.get(key)]))
  return () => {
    Object.assign(bucket, { policy, requesterPays, versioning })
    for (const key of bucket.keys()) if (!objects.has(key)) bucket.delete(key)
    for (const [key, object] of objects) {
      if (object !== undefined && bucket.get(key) !== object) bucket.put(key, object.body, object)
    }
  }
}

function keepMachine(): () => void {
  const env = { ...process.env }
  const files = [env['AWS_CONFIG_FILE'], env['AWS_SHARED_CREDENTIALS_FILE']].filter((file) => file !== undefined)
  const texts = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }))
  return () => {
    process.env = env
    for (const { file, text } of texts) writeFileSync(file, text)
  }
}
