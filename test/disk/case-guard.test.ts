import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CaseGuard } from '../../src/disk/case-guard.ts'
import { cutFromPages, heldBytes } from '../held-bytes.ts'
import { codeOf } from './error-code.ts'
import { tempFolder } from './temp-folder.ts'

test('accepts the same key again', () => {
  const guard = new CaseGuard(tempFolder())
  guard.claim('a/b')
  expect(codeOf(() => guard.claim('a/b'))).toBe('none')
})

test.each([
  ['a/b', 'a/B'],
  ['a/b', 'A/b'],
  ['a/x', 'A/y'],
  ['a/\u00e9', 'a/e\u0301'],
  ['k', '\u212a'],
])('%j blocks %j', (first, second) => {
  const guard = new CaseGuard(tempFolder())
  guard.claim(first)
  expect(codeOf(() => guard.claim(second))).toBe('object.name-collision')
})

test('a file of an earlier run blocks a name that differs only by case', () => {
  const root = tempFolder()
  mkdirSync(join(root, 'a'))
  writeFileSync(join(root, 'a', 'Log'), '')
  expect(codeOf(() => new CaseGuard(root).claim('a/log'))).toBe('object.name-collision')
})

test('reads a folder again after forgetting it', () => {
  const root = tempFolder()
  const guard = new CaseGuard(root, 4)
  mkdirSync(join(root, 'a'))
  guard.claim('a/log')
  writeFileSync(join(root, 'a', 'log'), '')
  for (let n = 0; n < 10; n++) guard.claim(`f${n}/x`)
  expect(codeOf(() => guard.claim('a/LOG'))).toBe('object.name-collision')
})

test('keeps no memory of the pages that keys were sliced from', () => {
  const root = tempFolder()
  const held = heldBytes(() => {
    const guard = new CaseGuard(root)
    for (const key of cutFromPages(40, (index) => `folder-of-a-day-${index}/name-of-a-log-${index}`)) guard.claim(key)
    return guard
  })
  expect(held).toBeLessThan(4_000_000)
})
