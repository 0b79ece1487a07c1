import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const s3 = s3As(lab, lab.principals.admin)
const Bucket = labBucket

test('versioning is off until it is enabled', async () => {
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined()
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled')
})

test('a deleted object is readable by its version, and its marker is not an object', async () => {
  const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'v', Body: 'one' }))
  const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'v' }))
  expect(marker.DeleteMarker).toBe(true)
  expect(await refusal(s3.send(new GetObjectCommand({ Bucket, Key: 'v' })))).toMatchObject({ code: 'NoSuchKey' })
  const old = await s3.send(new GetObjectCommand({ Bucket, Key: 'v', VersionId: put.VersionId }))
  expect(await old.Body?.transformToString()).toBe('one')
  const markerGet = s3.send(new GetObjectCommand({ Bucket, Key: 'v', VersionId: marker.VersionId }))
  expect(await refusal(markerGet)).toMatchObject({ status: 405 })
})

test('pages of one version each give every version once, the newest of a key first', async () => {
  const store = lab.addBucket({
    name: 'versions',
    owner: lab.principals.admin.account,
    region: 'us-east-1',
    versioned: true,
  })
  for (const [key, body] of ['a1', 'a2', 'b1', 'd/1', 'd/2'].map((text) => [text.slice(0, -1), text] as const)) {
    store.put(key === 'd/' ? body : key, body)
  }
  store.delete('b')
  const seen: string[] = []
  let marker: { KeyMarker?: string; VersionIdMarker?: string } = {}
  for (;;) {
    const page = await s3.send(
      new ListObjectVersionsCommand({ Bucket: 'versions', MaxKeys: 1, Delimiter: '/', ...marker }),
    )
    for (const version of page.Versions ?? []) {
      seen.push(`${version.Key} ${store.version(version.Key ?? '', version.VersionId ?? '')?.body.toString()}`)
    }
    seen.push(...(page.DeleteMarkers ?? []).map(({ Key }) => `${Key} marker`))
    seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}`))
    if (page.IsTruncated !== true) break
    marker = {
      ...(page.NextKeyMarker === undefined ? {} : { KeyMarker: page.NextKeyMarker }),
      ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
    }
  }
  expect(seen).toEqual(['a a2', 'a a1', 'b marker', 'b b1', 'd/'])
})
