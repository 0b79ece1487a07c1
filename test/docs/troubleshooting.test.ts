import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/error.ts'
import { verifyFindingCodes } from '../../src/verbs/verify/finding.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/TROUBLESHOOTING.md'), 'utf8')

const verifyPage = readFileSync(join(root, 'docs/VERIFY.md'), 'utf8')

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'error.ts')
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
  .join('\n')

describe('the page has', () => {
  test.each(errorCodes)('%s', (code) => {
    expect(page).toContain(`\`${code}\``)
  })
})

describe.each([
  ['the page', page],
  ['VERIFY.md', verifyPage],
])('%s has each finding of verify', (_name, text) => {
  test.each(verifyFindingCodes)('%s', (code) => {
    expect(text).toContain(`\`${code}\``)
  })
})

/** `verify.not-run` is a note of a run that took logs. */
test('neither page has a finding that is none', () => {
  const known = new Set<string>([...verifyFindingCodes, 'verify.not-run'])
  const named = [...`${page}${verifyPage}`.matchAll(/`(verify\.[a-z-]+)`/g)].map(([, code = '']) => code)
  expect(named.filter((code) => !known.has(code))).toEqual([])
})

test('the page has no code of a family that is none', () => {
  const families = new Set(errorCodes.map((code) => code.split('.')[0]))
  const known = new Set<string>(errorCodes)
  const named = [...page.matchAll(/`(([a-z]+)\.[a-z-]+)`/g)].filter(([, , family]) => families.has(family))
  expect(named.map(([, code = '']) => code).filter((code) => !known.has(code))).toEqual([])
})

test('every code of the list is in use', () => {
  // network-error.ts makes these of the codes that the reader of HTTP gives
  const unused = errorCodes.filter((code) => !sources.includes(`'${code.replace('network.endless', 'endless')}'`))
  expect(unused).toEqual([])
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
