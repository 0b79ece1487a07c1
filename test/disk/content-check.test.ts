import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ContentCheck, checkContent } from '../../src/disk/content-check.ts'
import type { AnswerHeaders } from '../../src/disk/expected-sums.ts'
import { codeOf, codeOfAsync } from './error-code.ts'

// The check values in CRC catalogues are for these nine digits.
const digits = Buffer.from('123456789')
const md5 = createHash('md5').update(digits).digest('hex')
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')
const checksums: Record<string, string> = {
  crc32: base64('cbf43926'),
  crc32c: base64('e3069283'),
  crc64nvme: base64('ae8b14860a799888'),
  sha1: createHash('sha1').update(digits).digest('base64'),
  sha256: createHash('sha256').update(digits).digest('base64'),
}

test('checks the length and the MD5 of a plain answer', async () => {
  expect(await checkContent(digits, { 'content-length': '9', etag: `"${md5}"` })).toEqual(['length', 'md5'])
})

describe.each(Object.entries(checksums))('%s', (algorithm, value) => {
  test('is checked', async () => {
    expect(await checkContent(digits, { [`x-amz-checksum-${algorithm}`]: value })).toEqual([algorithm])
  })
  test('finds a wrong byte', async () => {
    const headers = { [`x-amz-checksum-${algorithm}`]: value, 'content-length': '9' }
    expect(await codeOfAsync(async () => checkContent(Buffer.from('123456780'), headers))).toBe('object.corrupt')
  })
  test('of a multipart upload is not checked', async () => {
    expect(await checkContent(digits, { [`x-amz-checksum-${algorithm}`]: `${value}-3` })).toEqual([])
    const composite = { [`x-amz-checksum-${algorithm}`]: value, 'x-amz-checksum-type': 'COMPOSITE' }
    expect(await checkContent(digits, composite)).toEqual([])
  })
})

test.each<[string, AnswerHeaders]>([
  ['SSE-KMS', { 'x-amz-server-side-encryption': 'aws:kms' }],
  ['DSSE-KMS', { 'x-amz-server-side-encryption': 'aws:kms:dsse' }],
  ['SSE-C', { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }],
])('an ETag under %s is not an MD5', async (_name, headers) => {
  expect(await checkContent(digits, { ...headers, etag: '"00000000000000000000000000000000"' })).toEqual([])
})

test('under SSE-S3 an ETag is an MD5', async () => {
  const headers = { 'x-amz-server-side-encryption': 'AES256', etag: '"00000000000000000000000000000000"' }
  expect(await codeOfAsync(async () => checkContent(digits, headers))).toBe('object.corrupt')
})

test('the ETag of a multipart upload is not an MD5', async () => {
  expect(await checkContent(digits, { etag: `"${md5}-2"` })).toEqual([])
})

test('accepts an ETag without quotes, in a list or in upper case', async () => {
  expect(await checkContent(digits, { etag: [md5.toUpperCase()] })).toEqual(['md5'])
})

test('a body that ends early is truncated', async () => {
  expect(await codeOfAsync(async () => checkContent(digits, { 'content-length': '10' }))).toBe('object.truncated')
})

test('refuses a longer body at once', () => {
  const check = new ContentCheck({ 'content-length': '9' })
  check.update(digits)
  expect(codeOf(() => check.update(Buffer.from('0')))).toBe('object.too-long')
})

test('uses the listed size if the answer has no length', async () => {
  expect(await codeOfAsync(async () => checkContent(digits, {}, { sizeBytes: 10 }))).toBe('object.truncated')
})

test('a checksum error names the algorithm, the expected value and the received one', async () => {
  await expect(checkContent(digits, { 'x-amz-checksum-crc32': 'AAAAAA==' })).rejects.toMatchObject({
    facts: { algorithm: 'crc32', expected: 'AAAAAA==', got: checksums['crc32'] },
  })
})

test('checks a body in pieces like a whole one', async () => {
  const headers = Object.fromEntries(
    Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 5 }), async (cuts) => {
      const check = new ContentCheck({ ...headers, etag: md5, 'content-length': '9' })
      const edges = [0, ...cuts.sort((a, b) => a - b), 9]
      for (const [index, edge] of edges.entries()) check.update(digits.subarray(edge, edges[index + 1] ?? 9))
      expect(await check.finish()).toHaveLength(7)
    }),
  )
})
