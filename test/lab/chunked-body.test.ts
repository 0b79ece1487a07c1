import { expect, test } from 'vitest'
import { decodeChunked } from '../../src/lab/chunked-body.ts'

test('joins chunks and reads trailers', () => {
  const { body, trailers } = decodeChunked(
    Buffer.from('5\r\nhello\r\n3\r\n yo\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n'),
  )
  expect(body.toString()).toBe('hello yo')
  expect(trailers.get('x-amz-checksum-crc32')).toBe('AAAA')
})

test.each(['5\r\nhel', 'zz\r\n', ''])('refuses %j as incomplete', (text) => {
  expect(() => decodeChunked(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'IncompleteBody' }))
})
