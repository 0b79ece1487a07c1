import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { type PathRules, localPath } from '../../src/disk/local-path.ts'
import type { KeyParts } from '../../src/trail/log-object.ts'
import { codeOf } from './error-code.ts'

const rules: PathRules = { layout: 'key', decompress: false, platform: 'linux', maxPathBytes: 4000 }
const name = '011111111111_CloudTrail_us-east-1_20261101T0005Z_abcdefghij012345.json.gz'
const key = `AWSLogs/011111111111/CloudTrail/us-east-1/2026/11/01/${name}`
const parts = { logAccount: '011111111111', region: 'us-east-1', kind: 'events' } as Partial<KeyParts>

describe('layouts', () => {
  test('key mirrors the key', () => expect(localPath(key, parts, rules)).toBe(key))
  test('flat is only the file name', () => expect(localPath(key, parts, { ...rules, layout: 'flat' })).toBe(name))
  test('account is log account, kind, region, file name', () =>
    expect(localPath(key, parts, { ...rules, layout: 'account' })).toBe(`011111111111/events/us-east-1/${name}`))
  test('the account layout refuses a foreign object', () =>
    expect(codeOf(() => localPath(key, {}, { ...rules, layout: 'account' }))).toBe('object.unsafe-key'))
  test('decompress drops .gz', () =>
    expect(localPath(key, parts, { ...rules, decompress: true })).toBe(key.replace(/\.gz$/, '')))
  test('a name without .gz cannot be decompressed', () =>
    expect(codeOf(() => localPath('a/b.json', {}, { ...rules, decompress: true }))).toBe('object.not-gzip'))
})

describe('refuses a key without a safe path', () => {
  const unsafe = [
    '..', '../x', 'a/../../x', 'a/..', 'a/./b', '.', '/etc/passwd', 'a//b', 'a/', '', 'a\0b', 'a/\ud800', '.crosstrail',
    '.crosstrail/tmp/x', '.CrossTrail/x', `a/${'x'.repeat(256)}`, `a/${'é'.repeat(128)}`,
  ] // prettier-ignore
  test('refuses a path longer than the system accepts', () =>
    expect(codeOf(() => localPath(`${'x/'.repeat(2000)}y`, {}, rules))).toBe('object.unsafe-key'))
  test.each(unsafe)('%j', (key) => expect(codeOf(() => localPath(key, {}, rules))).toBe('object.unsafe-key'))

  test('refuses a file name that would leave the folder without .gz', () =>
    expect(codeOf(() => localPath('a/...gz', {}, { ...rules, decompress: true }))).toBe('object.unsafe-key'))
  test('refuses a name that the layout moves to the own folder', () =>
    expect(codeOf(() => localPath('a/.crosstrail', {}, { ...rules, layout: 'flat' }))).toBe('object.unsafe-key'))
  test.each(['C:/x', 'c:x', 'a\\b', 'a/..\\..\\x', 'con', 'a/NUL.json.gz', 'a/com1', 'CROSST~1/x'])(
    '%j on Windows',
    (key) => expect(codeOf(() => localPath(key, {}, { ...rules, platform: 'win32' }))).toBe('object.unsafe-key'),
  )
})

describe('escapes what a platform cannot store', () => {
  test.each([
    ['a\nb', 'a%0Ab'],
    ['a\u001b[31m', 'a%1B[31m'],
    ['a\u009bb', 'a%C2%9Bb'],
    ['a%0Ab', 'a%250Ab'],
    ['100%', '100%'],
    ['a%zz', 'a%zz'],
    ['ä b+c', 'ä b+c'],
    ['.crosstrail2/x', '.crosstrail2/x'],
    ['a/.crosstrail', 'a/.crosstrail'],
  ])('%j becomes %j', (key, path) => expect(localPath(key, {}, rules)).toBe(path))

  test.each([
    ['a/bc:d', 'a/bc%3Ad'],
    ['a/b?.gz', 'a/b%3F.gz'],
    ['a/b.', 'a/b%2E'],
    ['a/b ', 'a/b%20'],
  ])('%j becomes %j on Windows', (key, path) => expect(localPath(key, {}, { ...rules, platform: 'win32' })).toBe(path))
})

const character = fc.oneof(
  fc.constantFrom(
    '%',
    '0',
    '2',
    '5',
    'A',
    'C',
    'a',
    '.',
    '/',
    ':',
    ' ',
    '\n',
    '\u001f',
    '\u007f',
    '\u0085',
    '\u009b',
    'é',
    '\\',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)
const anyKey = fc.oneof(
  fc.array(character, { maxLength: 12 }).map((characters) => characters.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

function pathOrRefusal(key: string, rules: PathRules): string | undefined {
  try {
    return localPath(key, {}, rules)
  } catch (error) {
    if (error instanceof CrosstrailError) return undefined
    throw error
  }
}

describe.each(['linux', 'win32'] as const)('for all keys on %s', (platform) => {
  const here = { ...rules, platform }

  test('two different keys never share a path', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(anyKey, { minLength: 2, maxLength: 60 }), (decompress, keys) => {
        const keyByPath = new Map<string, string>()
        for (const key of keys.map((key) => (decompress ? `${key}.gz` : key))) {
          const path = pathOrRefusal(key, { ...here, decompress })
          if (path === undefined) continue
          expect(keyByPath.get(path) ?? key).toBe(key)
          keyByPath.set(path, key)
        }
      }),
    )
  })

  test('the path determines the key', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const path = pathOrRefusal(key, here)
        fc.pre(path !== undefined)
        const bytes = (path ?? '').replaceAll(/(?:%[0-9A-F]{2})+/g, (escapes) =>
          Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
        )
        expect(bytes).toBe(key)
      }),
    )
  })

  test('no path leaves the folder or contains a control character', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const path = pathOrRefusal(key, here)
        if (path === undefined) return
        expect(path).not.toMatch(/^\/|(^|\/)\.{0,2}(\/|$)|[\u0000-\u001f\u007f-\u009f]/)
      }),
    )
  })
})
