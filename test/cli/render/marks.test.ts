import { expect, test } from 'vitest'
import { marksFor } from '../../../src/cli/render/marks.ts'

test.each([
  [{}, '✓'],
  [{ LANG: 'en_US.UTF-8' }, '✓'],
  [{ LANG: 'C.utf8' }, '✓'],
  [{ LANG: '' }, '✓'],
  [{ LANG: 'C' }, '+'],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, '+'],
  [{ LANG: 'de_DE.ISO-8859-1', LC_CTYPE: 'de_DE.UTF-8' }, '✓'],
])('%j is marked with %s', (env, ok) => {
  expect(marksFor(env).ok).toBe(ok)
})

test('plain marks are ASCII of one character', () => {
  expect(Object.values(marksFor({ LANG: 'C' })).every((mark) => /^[!-~]$/.test(mark))).toBe(true)
})
