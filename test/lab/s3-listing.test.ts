import { ListObjectsV2Command, paginateListObjectsV2, type ListObjectsV2CommandInput } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const s3 = s3As(lab, lab.principals.admin)
const names = ['a b', 'a&b<c>"', 'dir/1', 'dir/2', 'plus+', '\u{FFFD}', '\u{1F600}']
for (const name of names) lab.bucket().put(`names/${name}`, name)
for (let index = 0; index < 25; index += 1) lab.bucket().put(`many/${String(index).padStart(2, '0')}`, '')

async function list(input: Omit<ListObjectsV2CommandInput, 'Bucket'>) {
  return s3.send(new ListObjectsV2Command({ Bucket: labBucket, ...input }))
}

test('lists keys unchanged, in the order of their UTF-8 bytes', async () => {
  const { Contents = [] } = await list({ Prefix: 'names/' })
  expect(Contents.map(({ Key }) => Key)).toEqual(names.map((name) => `names/${name}`))
})

test('with encoding-type=url, encodes keys like a form, but keeps slashes', async () => {
  const { Contents = [], EncodingType, Prefix } = await list({ Prefix: 'names/', EncodingType: 'url' })
  expect([EncodingType, Prefix]).toEqual(['url', 'names/'])
  expect(Contents.map(({ Key }) => Key).slice(0, 5)).toEqual([
    'names/a+b',
    'names/a%26b%3Cc%3E%22',
    'names/dir/1',
    'names/dir/2',
    'names/plus%2B',
  ])
})

test('groups keys by a delimiter', async () => {
  const { CommonPrefixes = [], KeyCount } = await list({ Prefix: 'names/', Delimiter: '/' })
  expect([CommonPrefixes, KeyCount]).toEqual([[{ Prefix: 'names/dir/' }], 6])
})

test('follows tokens to the last key', async () => {
  const keys: (string | undefined)[] = []
  let pages = 0
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: labBucket, Prefix: 'many/', MaxKeys: 10 })) {
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key))
    pages += 1
  }
  expect([pages, keys.length, new Set(keys).size]).toEqual([3, 25, 25])
})

test('does not list StartAfter itself', async () => {
  const { Contents = [], StartAfter } = await list({ Prefix: 'many/', StartAfter: 'many/22' })
  expect([StartAfter, Contents.map(({ Key }) => Key)]).toEqual(['many/22', ['many/23', 'many/24']])
})

test('a page has at most 1,000 keys, whatever the request says', async () => {
  lab.bucket().putShared(
    Array.from({ length: 1_001 }, (_, index) => `thousand/${index}`),
    'x',
  )
  const page = await list({ Prefix: 'thousand/', MaxKeys: 5_000 })
  expect([page.Contents?.length, page.IsTruncated]).toEqual([1_000, true])
})

test('refuses a token that it did not issue', async () => {
  expect(await refusal(list({ ContinuationToken: 'made-up' }))).toMatchObject({ status: 400, code: 'InvalidArgument' })
})

test('returns RestoreStatus if asked', async () => {
  const restore = { ongoing: false, expiresAtMs: Date.now() + 60_000 }
  lab.bucket().put('cold/restored', '', { storageClass: 'GLACIER', restore })
  lab.bucket().put('cold/still', '', { storageClass: 'GLACIER' })
  const asked = await list({ Prefix: 'cold/', OptionalObjectAttributes: ['RestoreStatus'] })
  const unasked = await list({ Prefix: 'cold/' })
  expect(asked.Contents?.map(({ RestoreStatus }) => RestoreStatus?.IsRestoreInProgress)).toEqual([false, undefined])
  expect(unasked.Contents?.map(({ RestoreStatus }) => RestoreStatus)).toEqual([undefined, undefined])
})
