import { expect, test } from 'vitest'
import { decideTwin, type HeadVerdict, judgeHeads, type TwinDecision } from '../../../src/sinks/bucket/copy-twin.ts'

const md5 = 'd41d8cd98f00b204e9800998ecf8427e'
const other = '0cc175b9c0f1b6a831c399e269772661'
const object = { sizeBytes: 10, etag: md5 }

test.each<[string, typeof object | undefined, boolean, TwinDecision]>([
  ['nothing', undefined, false, 'copy'],
  ['nothing', undefined, true, 'copy'],
  ['another size', { sizeBytes: 9, etag: md5 }, false, 'differs'],
  ['another size', { sizeBytes: 9, etag: md5 }, true, 'copy'],
  ['the same size and ETag', object, false, 'present'],
  ['the same size and ETag', object, true, 'present'],
  ['another ETag', { sizeBytes: 10, etag: other }, false, 'ask'],
  ['another ETag', { sizeBytes: 10, etag: other }, true, 'ask'],
  ['no ETag', { sizeBytes: 10, etag: '' }, false, 'ask'],
])('with %s at the target, overwriting %j, the listings decide %s', (_what, twin, overwrite, decision) => {
  expect(decideTwin(object, twin, overwrite)).toBe(decision)
})

test('two missing ETags are not equal', () => {
  expect(decideTwin({ sizeBytes: 10, etag: '' }, { sizeBytes: 10, etag: '' }, false)).toBe('ask')
})

const plain = { sizeBytes: 10, etag: md5, encryption: 'AES256', checksums: {} }
const plainOther = { ...plain, etag: other }
const kms = { ...plain, etag: other, encryption: 'aws:kms' }
const dsse = { ...plain, etag: other, encryption: 'aws:kms:dsse' }
const parts = { ...plain, etag: `${other}-3` }
const summed = (crc32: string) => ({ checksums: { crc32 } })

test.each<[string, Parameters<typeof judgeHeads>[0], Parameters<typeof judgeHeads>[1], boolean, HeadVerdict]>([
  ['KMS alone', kms, undefined, false, 'size'],
  ['DSSE alone', dsse, undefined, false, 'size'],
  ['parts alone', parts, undefined, false, 'size'],
  ['KMS alone', kms, undefined, true, 'ask-source'],
  ['parts alone', parts, undefined, true, 'ask-source'],
  ['an MD5 alone', plainOther, undefined, false, 'ask-source'],
  ['an MD5 alone', plainOther, undefined, true, 'ask-source'],
  ['two sizes', { ...kms, sizeBytes: 9 }, plain, false, 'differs'],
  ['one ETag', plain, plain, true, 'etag'],
  ['no ETags', { ...plain, etag: '' }, { ...plain, etag: '' }, true, 'read'],
  ['one checksum', { ...kms, ...summed('AAAA') }, { ...plain, ...summed('AAAA') }, true, 'checksum'],
  ['two checksums', { ...kms, ...summed('AAAA') }, { ...plain, ...summed('BBBB') }, false, 'differs'],
  ['checksums of other kinds', { ...kms, ...summed('AAAA') }, { ...plain, checksums: { sha1: 'BBBB' } }, true, 'read'],
  [
    'one checksum of two that differs',
    { ...kms, checksums: { crc32: 'AAAA', sha1: 'AAAA' } },
    { ...plain, checksums: { crc32: 'AAAA', sha1: 'BBBB' } },
    true,
    'differs',
  ],
  ['two MD5s', plainOther, plain, false, 'differs'],
  ['two MD5s', plainOther, plain, true, 'differs'],
  ['an MD5 and KMS', plain, kms, false, 'size'],
  ['an MD5 and KMS', plain, kms, true, 'read'],
  ['KMS and an MD5', kms, plain, true, 'read'],
  ['parts and parts', parts, { ...parts, etag: `${md5}-3` }, true, 'read'],
])('heads with %s: %j and %j, verifying %j, give %s', (_what, target, source, verify, verdict) => {
  expect(judgeHeads(target, source, verify)).toBe(verdict)
})

test('with --verify size alone is never enough, whatever the heads are', () => {
  const heads = [plain, plainOther, kms, dsse, parts, { ...plain, encryption: undefined }]
  const verdicts = heads.flatMap((target) => [undefined, ...heads].map((source) => judgeHeads(target, source, true)))
  expect(verdicts).not.toContain('size')
})
