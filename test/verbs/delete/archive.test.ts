import { expect, test } from 'vitest'
import { compareListed } from '../../../src/verbs/delete/archive.ts'
import { log } from './plan-world.ts'

const md5 = 'e'.repeat(32)
const other = 'f'.repeat(32)
const parts = `${md5}-2`

test.each([
  ['nothing', md5, undefined, 'not-archived'],
  ['another size', md5, { etag: md5, sizeBytes: 11 }, 'archive-differs'],
  ['the same MD5', md5, { etag: md5 }, 'same'],
  ['another MD5, which a KMS key may have made', md5, { etag: other }, 'ask'],
  ['an ETag of parts', md5, { etag: parts }, 'ask'],
  ['the same ETag of parts', parts, { etag: parts }, 'ask'],
  ['no ETag', md5, { etag: '' }, 'ask'],
])('compares an object with an archive that has %s', (_name, etag, twin, verdict) => {
  expect(compareListed(log(1, { etag }), twin && log(1, twin))).toBe(verdict)
})
