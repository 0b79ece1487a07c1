import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSignatureName, parseSignature, signaturePath, signatureText } from '../../src/disk/signature-file.ts'

test('what is written is read again', () => {
  const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined })
  fc.assert(
    fc.property(text, text, text, (signature, signatureAlgorithm, backfillGenerationTimestamp) => {
      const written = signatureText({
        'x-amz-meta-signature': signature,
        'x-amz-meta-signature-algorithm': signatureAlgorithm,
        'x-amz-meta-backfill-generation-timestamp': backfillGenerationTimestamp,
      })
      expect(parseSignature(written.toString())).toEqual({ signature, signatureAlgorithm, backfillGenerationTimestamp })
    }),
  )
})

test.each(['', 'no JSON', '[]', 'null', '{}', '{"signature":1}', '{"signature":"ab","signatureAlgorithm":[]}'])(
  '%s is not the file of a signature',
  (text) => expect(parseSignature(text)).toBeUndefined(),
)

test('its name is that of the digest with a suffix', () => {
  expect(signaturePath('a/b.json.gz')).toBe('a/b.json.gz.signature')
  expect(['b.json.gz.signature', 'b.json.signature', 'b.signature', 'b.json.gz'].map(isSignatureName)).toEqual([
    true,
    true,
    false,
    false,
  ])
})
