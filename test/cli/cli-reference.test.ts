import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cliReference } from '../../scripts/cli-reference.ts'

test('docs/CLI.md matches the help of the commands', () => {
  expect(readFileSync(new URL('../../docs/CLI.md', import.meta.url), 'utf8')).toBe(cliReference())
})
