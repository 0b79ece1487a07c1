import { CopyObjectCommand, type CopyObjectCommandInput, GetObjectTaggingCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { labAccounts, labBucket } from '../../src/lab/fixture.ts'
import type { LabUserKeys } from '../../src/lab/iam.ts'
import { startLab } from '../../src/lab/lab.ts'
import type { StoredObject } from '../../src/lab/stored-object.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab({ maxCopyBytes: 8 })
afterAll(() => lab.stop())
beforeEach(() => lab.setFaults({}))
const target = lab.addBucket({ name: 'target', owner: labAccounts.A, region: 'us-east-1' })
const CopySource = `${labBucket}/from`

function copier(name: string, ...Action: string[]): LabUserKeys {
  const policies = [{ Statement: { Effect: 'Allow', Action, Resource: '*' } } as const]
  return lab.iam.addUser({ account: labAccounts.A, name, policies })
}

async function copied(more: Partial<CopyObjectCommandInput> = {}, keys = lab.principals.admin): Promise<StoredObject> {
  await s3As(lab, keys).send(new CopyObjectCommand({ Bucket: 'target', Key: 'to', CopySource, ...more }))
  const stored = target.get('to')
  if (stored === undefined) throw new Error('nothing was copied')
  return stored
}

test('a copy keeps metadata, tags, content type and checksum, but not the storage class', async () => {
  const kept = { metadata: { signature: 'ab' }, tags: { a: '1' }, contentType: 'application/json' }
  lab.bucket().put('from', 'x', { ...kept, withCrc32: true, storageClass: 'STANDARD_IA' })
  expect(await copied()).toMatchObject({ ...kept, storageClass: 'STANDARD', checksums: { crc32: 'jNwWgw==' } })
})

test('replaces the values that the request gives', async () => {
  lab.bucket().put('from', 'x', { metadata: { a: '1' }, tags: { a: '1' } })
  const asked = { TaggingDirective: 'REPLACE', Tagging: 'b=2', StorageClass: 'GLACIER_IR' } as const
  expect(await copied(asked)).toMatchObject({ metadata: { a: '1' }, tags: { b: '2' }, storageClass: 'GLACIER_IR' })
  const { TagSet } = await s3As(lab, lab.principals.admin).send(
    new GetObjectTaggingCommand({ Bucket: 'target', Key: 'to' }),
  )
  expect(TagSet).toEqual([{ Key: 'b', Value: '2' }])
})

test('copies tags only with the rights to read and write them', async () => {
  lab.bucket().put('from', 'x', { tags: { a: '1' } })
  const rights = ['s3:GetObject', 's3:PutObject', 's3:GetObjectTagging', 's3:PutObjectTagging']
  for (const missing of ['s3:GetObjectTagging', 's3:PutObjectTagging']) {
    const user = copier(`lacks-${missing.slice(3)}`, ...rights.filter((right) => right !== missing))
    expect(await refusal(copied({}, user))).toMatchObject({ code: 'AccessDenied' })
  }
  expect((await copied({}, copier('has-all', ...rights))).tags).toEqual({ a: '1' })
})

test('a copy of a multipart upload is one part: ETag and checksum are those of the whole', async () => {
  const composite = { etag: `${'a'.repeat(32)}-2`, checksums: { crc32: 'AAAAAA==-2' } }
  lab.bucket().put('from', 'x', { ...composite, checksumType: 'COMPOSITE' })
  expect(await copied()).toMatchObject({
    etag: '9dd4e461268c8034f5c8564e155c67a6',
    checksums: { crc32: 'jNwWgw==' },
  })
})

test('refuses a source that is too large for one copy', async () => {
  lab.bucket().put('from', '012345678')
  expect(await refusal(copied())).toEqual({
    status: 400,
    code: 'InvalidRequest',
    message: 'The specified copy source is larger than the maximum allowable size for a copy source: 8',
  })
})

test('a copy with an error inside its 200 has copied nothing', async () => {
  target.delete('to')
  lab.bucket().put('from', 'x')
  lab.setFaults({ rules: [{ fault: 'errorInside200', probability: 1 }] })
  expect(await refusal(copied())).toMatchObject({ code: 'InternalError' })
  expect(target.get('to')).toBeUndefined()
})

test('refuses an archived source until it is restored', async () => {
  lab.bucket().put('from', 'x', { storageClass: 'GLACIER' })
  expect(await refusal(copied())).toMatchObject({ status: 403, code: 'InvalidObjectState' })
  lab.bucket().change('from', undefined, { restore: { ongoing: false, expiresAtMs: Date.now() + 1_000 } })
  expect((await copied()).body.toString()).toBe('x')
})
