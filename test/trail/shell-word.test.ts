import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from '../../src/trail/shell-word.ts'

test('a shell reads the word as the original text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', '*', '\n', '~') }), (text) => {
      expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text)
    }),
    { numRuns: 30 },
  )
})

test('a plain path gets no quotes', () => {
  expect(shellWord('.crosstrail/plan-1.ndjson')).toBe('.crosstrail/plan-1.ndjson')
})
