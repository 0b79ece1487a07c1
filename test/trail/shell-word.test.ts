import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
<<<<<<<< HEAD:test/trail/shell-word.test.ts
import { shellWord } from '../../src/trail/shell-word.ts'
========
import { shellWord } from '../../src/trail/shell-word.ts'
>>>>>>>> db0ac05 (Print commands as a shell takes them, with the options that were typed, because a suggestion without them did something else):test/trail/shell-word.test.ts

test('a shell reads the word back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', '*', '\n', '~') }), (text) => {
      expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text)
    }),
    { numRuns: 30 },
  )
})

test('a plain path needs no quotes', () => {
  expect(shellWord('.crosstrail/plan-1.ndjson')).toBe('.crosstrail/plan-1.ndjson')
})
