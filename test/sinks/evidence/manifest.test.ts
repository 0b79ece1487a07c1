import { expect, test } from 'vitest'
import { manifestLine } from '../../../src/sinks/evidence/manifest.ts'

test('a line has the hash and the path, in which %, CR and LF are percent-encoded', () => {
  expect(manifestLine('ab', 'data/a b')).toBe('ab  data/a b\n')
  expect(manifestLine('ab', 'data/50%25\r\nx')).toBe('ab  data/50%2525%0D%0Ax\n')
})
