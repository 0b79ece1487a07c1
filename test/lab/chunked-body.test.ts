import { expect, test } from 'vitest'
import { decodeChunked } from '../../src/lab/chunked-body.ts'

test('chunks are joined and trailers read', () => {
  const { body, trailers } = decodeChunked(
    Buffer.from('5\r\nhello\r\n3\r\n yo\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n'),
  )
  expect(body.toString()).toBe('hello yo')
  expect(trailers.get('x-amz-checksum-crc32')).toBe('AAAA')
})

test.each(['5\r\nhel', 'zz\r\n', ''])('%j is incomplete', (text) => {
  expect(() => decodeChunked(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'IncompleteBody' }))
})
