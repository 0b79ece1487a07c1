import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/TROUBLESHOOTING.md'), 'utf8')

/** The codes of the families that AWS's refusals come under, as the source writes them. The lab's and the tests' are not among them. */
const codes = new Set(
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(root, 'src', file), 'utf8').matchAll(/'((?:access|bucket)\.[a-z-]+)'/g)])
    .map(([, code = '']) => code),
)

test('there are codes', () => {
  expect(codes.size).toBeGreaterThan(50)
})

describe('the page has', () => {
  test.each([...codes].toSorted())('%s', (code) => {
    expect(page).toContain(`\`${code}\``)
  })
})

test('no code of these families is on the page that nothing throws', () => {
  const named = [...page.matchAll(/`((?:access|bucket)\.[a-z-]+)`/g)].map(([, code = '']) => code)
  expect(named.filter((code) => !codes.has(code))).toEqual([])
})

test("AWS's words are headings, so that they are found", () => {
  const headings = page.split('\n').filter((line) => line.startsWith('### `'))
  for (const words of [
    'sts:AssumeRole on resource',
    'ExpiredToken',
    'MultiFactorAuthentication failed',
    'NoSuchBucket',
  ]) {
    expect(headings.filter((heading) => heading.includes(words))).not.toEqual([])
  }
})
