import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  RestoreObjectCommand,
  type RestoreRequest,
} from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const nowMs = Math.floor(Date.now() / 1_000) * 1_000
const lab = await startLab({ now: () => nowMs })
afterAll(() => lab.stop())
const s3 = s3As(lab, lab.principals.admin)
const Bucket = labBucket

async function restore(Key: string, request: RestoreRequest = { Days: 2 }): Promise<number | undefined> {
  const answer = await s3.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest: request }))
  return answer.$metadata.httpStatusCode
}

async function restoreHeader(Key: string): Promise<string | undefined> {
  return (await s3.send(new HeadObjectCommand({ Bucket, Key }))).Restore
}

test('a restore is requested, ongoing, done and expired', async () => {
  const Key = 'archived'
  lab.bucket().put(Key, 'x', { storageClass: 'DEEP_ARCHIVE' })
  const get = () => s3.send(new GetObjectCommand({ Bucket, Key }))
  expect(await refusal(get())).toMatchObject({ status: 403, code: 'InvalidObjectState' })
  expect(await restore(Key)).toBe(202)
  expect(await restoreHeader(Key)).toBe('ongoing-request="true"')
  expect(await refusal(restore(Key))).toMatchObject({ status: 409, code: 'RestoreAlreadyInProgress' })
  expect(await refusal(get())).toMatchObject({ code: 'InvalidObjectState' })

  expect(lab.bucket().finishRestores()).toBe(1)
  expect(await restoreHeader(Key)).toMatch(/^ongoing-request="false", expiry-date="\w{3}, .* 00:00:00 GMT"$/)
  expect(await (await get()).Body?.transformToString()).toBe('x')
  expect(await restore(Key, { Days: 5 })).toBe(200)

  lab.bucket().change(Key, undefined, { restore: { ongoing: false, expiresAtMs: nowMs } })
  expect(await restoreHeader(Key)).toBeUndefined()
  expect(await refusal(get())).toMatchObject({ code: 'InvalidObjectState' })
})

test('a listing shows the restore if asked', async () => {
  lab.bucket().put('listed', 'x', { storageClass: 'GLACIER' })
  await restore('listed')
  const list = { Bucket, Prefix: 'listed', OptionalObjectAttributes: ['RestoreStatus' as const] }
  const { Contents } = await s3.send(new ListObjectsV2Command(list))
  expect(Contents?.[0]?.RestoreStatus).toEqual({ IsRestoreInProgress: true })
})

test('archived INTELLIGENT_TIERING takes no days, and is restored permanently', async () => {
  lab.bucket().put('tiered', 'x', { storageClass: 'INTELLIGENT_TIERING', isArchivedTier: true })
  expect(await refusal(restore('tiered'))).toMatchObject({ status: 400, code: 'InvalidArgument' })
  expect(await restore('tiered', {})).toBe(202)
  lab.bucket().finishRestores()
  expect(lab.bucket().get('tiered')).toMatchObject({ isArchivedTier: false, restore: undefined })
})

test.each([
  ['an object that is not archived', 'STANDARD', { Days: 1 }, 'InvalidObjectState'],
  ['a restore without days', 'GLACIER', {}, 'MalformedXML'],
  [
    'expedited retrieval of DEEP_ARCHIVE',
    'DEEP_ARCHIVE',
    { Days: 1, GlacierJobParameters: { Tier: 'Expedited' as const } },
    'InvalidArgument',
  ],
])('refuses %s', async (_, storageClass, request, code) => {
  lab.bucket().put('refused', 'x', { storageClass })
  expect(await refusal(restore('refused', request))).toMatchObject({ code })
})
