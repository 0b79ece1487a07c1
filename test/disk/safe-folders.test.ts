import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SafeFolders } from '../../src/disk/safe-folders.ts'
import { cutFromPages, heldBytes } from '../held-bytes.ts'
import { codeOf } from './error-code.ts'
import { tempFolder } from './temp-folder.ts'

test('missing folders are made, 0700', () => {
  const root = tempFolder()
  new SafeFolders(root).ensure('a/b/c')
  expect(statSync(join(root, 'a/b')).mode & 0o777).toBe(0o700)
  expect(statSync(join(root, 'a/b/c')).isDirectory()).toBe(true)
})

test('looking makes nothing', () => {
  const root = tempFolder()
  expect(new SafeFolders(root).exists('a/b')).toBe(false)
  expect(existsSync(join(root, 'a'))).toBe(false)
})

test.each(['leading out', 'leading in', 'leading nowhere'])('a link %s is never walked through', (where) => {
  const root = tempFolder()
  const outside = tempFolder()
  mkdirSync(join(root, 'inside'))
  const target = { 'leading out': outside, 'leading in': join(root, 'inside') }[where] ?? join(root, 'none')
  symlinkSync(target, join(root, 'link'))
  const folders = new SafeFolders(root)
  expect(codeOf(() => folders.ensure('link/b'))).toBe('object.unsafe-path')
  expect(codeOf(() => folders.exists('link'))).toBe('object.unsafe-path')
  expect(existsSync(join(outside, 'b'))).toBe(false)
})

test('a root that is a link is walked through', () => {
  const root = tempFolder()
  const link = join(tempFolder(), 'link')
  symlinkSync(root, link)
  new SafeFolders(link).ensure('a')
  expect(existsSync(join(root, 'a'))).toBe(true)
})

test('a file in the place of a folder is an error', () => {
  const root = tempFolder()
  writeFileSync(join(root, 'a'), '')
  expect(codeOf(() => new SafeFolders(root).ensure('a/b'))).toBe('object.path-occupied')
})

test('nothing is kept of the pages that names were cut from', () => {
  const root = tempFolder()
  const held = heldBytes(() => {
    const folders = new SafeFolders(root)
    for (const name of cutFromPages(40, (index) => `folder-of-a-day-${index}`)) {
      folders.exists(`${name}/missing`)
      folders.exists(name)
      folders.ensure(name)
    }
    return folders
  })
  expect(held).toBeLessThan(4_000_000)
})
