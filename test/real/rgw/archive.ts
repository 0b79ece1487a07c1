import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { makeRole, makeUser, ownerClient, type RgwAccounts } from './rgw-accounts.ts'
import type { RgwServer } from './rgw-server.ts'

export const archiveBucket = 'z-archive'

/** Makes the bucket `z-archive` in the tenant of Z, and the role LogArchive that writes there. Returns a client of its owner. */
export async function makeArchive(server: RgwServer, { endpoint, Z }: RgwAccounts): Promise<S3Client> {
  const admin = await makeUser(server, Z.id, 'z-admin', ['--caps', 'roles=*'])
  const s3 = ownerClient(endpoint, admin)
  await s3.send(new CreateBucketCommand({ Bucket: archiveBucket }))
  await makeRole(endpoint, admin, 'LogArchive', `arn:aws:iam::${Z.id}:root`, [
    {
      Effect: 'Allow',
      Action: ['s3:*'],
      Resource: [`arn:aws:s3:::${archiveBucket}`, `arn:aws:s3:::${archiveBucket}/*`],
    },
  ])
  return s3
}

/** Adds the account that writes to the archive to the text of a config. It may do what `allow` says. */
export function withArchive(config: string, allow: readonly string[]): string {
  return `${config}  Zarchive:
    id: "444444444444"
    role: arn:aws:iam::444444444444:role/LogArchive
    credentials: { profile: z-audit }
    reads: all
    allow: [${allow.join(', ')}]
`
}
