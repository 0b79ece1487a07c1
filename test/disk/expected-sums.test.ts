import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { ContentCheck, checkContent } from '../../src/disk/content-check.ts'
import { type AnswerHeaders, expectedMd5 } from '../../src/disk/expected-sums.ts'
import { codeOfAsync } from './error-code.ts'

const listed = 'a'.repeat(32)
const other = 'b'.repeat(32)
const kms = { 'x-amz-server-side-encryption': 'aws:kms' }
const customer = { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }
const s3Key = { 'x-amz-server-side-encryption': 'AES256' }

test.each<[string, AnswerHeaders, string | undefined, string | undefined, 'listing' | 'answer' | undefined]>([
  ['the listed MD5, if the answer has no ETag', {}, listed, listed, 'listing'],
  ['the listed MD5, if the answer has the same', { etag: `"${listed}"` }, listed, listed, 'listing'],
  ['the listed MD5, if the ETag of the answer is weak', { etag: `W/"${listed}"` }, listed, listed, 'listing'],
  [
    'the listed MD5, if the ETag of the answer is weak and different',
    { etag: `W/"${other}"` },
    listed,
    listed,
    'listing',
  ],
  ['the listed MD5, if the ETag of the answer has another form', { etag: '"abc"' }, listed, listed, 'listing'],
  ["the listed MD5, if S3's own key encrypts", s3Key, listed, listed, 'listing'],
  ['the listed MD5 in lower case', {}, listed.toUpperCase(), listed, 'listing'],
  ["the answer's MD5, if nothing was listed", { etag: `"${other}"` }, undefined, other, 'answer'],
  ["the answer's MD5, if the listed ETag is empty", { etag: `"${other}"` }, '', other, 'answer'],
  ['not known, if the object was uploaded in parts', {}, `${listed}-2`, undefined, undefined],
  ['not known, if there is only a weak ETag', { etag: `W/"${other}"` }, undefined, undefined, undefined],
  ['not known, if a KMS key encrypts', { ...kms, etag: `"${listed}"` }, listed, undefined, undefined],
  ["not known, if a customer's key encrypts", { ...customer, etag: `"${listed}"` }, listed, undefined, undefined],
])('the MD5 of a body is %s', (_title, headers, listedEtag, value, from) => {
  const expected = expectedMd5(headers, listedEtag)
  expect([expected?.value, expected?.from]).toEqual([value, from])
})

const body = Buffer.from('the body')
const md5 = createHash('md5').update(body).digest('hex')

/** Both ways to check: in memory, and in pieces. */
const ways: Record<string, (headers: AnswerHeaders, etag: string) => Promise<string[]>> = {
  'in memory': async (headers, etag) => checkContent(body, headers, { etag }),
  'in pieces': async (headers, etag) => {
    const check = new ContentCheck(headers, { etag })
    for (const byte of body) check.update(Uint8Array.of(byte))
    return check.finish()
  },
}

test.each(Object.entries(ways))('a body %s must have the listed MD5', async (_name, check) => {
  expect(await check({}, md5)).toEqual(['md5'])
  expect(await codeOfAsync(() => check({ etag: `W/"${md5}"` }, other))).toBe('object.corrupt')
})

test('a body that does not match the listed MD5 gives an error that mentions a removed KMS header', async () => {
  await expect(async () => checkContent(body, {}, { etag: other })).rejects.toMatchObject({
    message: `the body's md5 differs from the listing's: expected ${other}, got ${md5}`,
    hint: expect.stringContaining('KMS key'),
  })
})
