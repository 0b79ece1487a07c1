import { existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SafeFolders } from '../../src/disk/safe-folders.ts'
import { cutFromPages, heldBytes } from '../held-bytes.ts'
import { codeOf } from './error-code.ts'
import { tempFolder } from './temp-folder.ts'

test('makes missing folders, 0700', () => {
  const root = tempFolder()
  new SafeFolders(root).ensure('a/b/c')
  expect(statSync(join(root, 'a/b')).mode & 0o777).toBe(0o700)
  expect(statSync(join(root, 'a/b/c')).isDirectory()).toBe(true)
})

test('checking makes nothing', () => {
  const root = tempFolder()
  expect(new SafeFolders(root).exists('a/b')).toBe(false)
  expect(existsSync(join(root, 'a'))).toBe(false)
})

test.each(['leading out', 'leading in', 'leading nowhere'])('a link %s is never followed', (where) => {
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

test('follows a root that is a link', () => {
  const root = tempFolder()
  const link = join(tempFolder(), 'link')
  symlinkSync(root, link)
  new SafeFolders(link).ensure('a')
  expect(existsSync(join(root, 'a'))).toBe(true)
})

test('refuses a file in place of a folder', () => {
  const root = tempFolder()
  writeFileSync(join(root, 'a'), '')
  expect(codeOf(() => new SafeFolders(root).ensure('a/b'))).toBe('object.path-occupied')
})

test('keeps no memory of the pages that names were sliced from', () => {
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

/** Waits until the last check of the folders has expired. */
const aMoment = () => sleep(30)

/** A root with `a/b`, made by `SafeFolders`, and a folder outside that also has a `b`. */
function world() {
  const root = tempFolder()
  const outside = tempFolder()
  mkdirSync(join(outside, 'b'))
  const folders = new SafeFolders(root)
  folders.ensure('a/b')
  folders.confirm('a/b')
  return { root, outside, folders }
}

test('refuses a folder that became a link soon after, and makes nothing behind it at once', async () => {
  const { root, outside, folders } = world()
  renameSync(join(root, 'a'), join(root, 'moved'))
  symlinkSync(outside, join(root, 'a'))
  expect(codeOf(() => folders.ensure('a/b/c'))).toBe('object.unsafe-path')
  await aMoment()
  expect(codeOf(() => folders.confirm('a/b'))).toBe('object.unsafe-path')
  expect(codeOf(() => folders.exists('a/b'))).toBe('object.unsafe-path')
  expect(existsSync(join(outside, 'b/c'))).toBe(false)
})

test('refuses a link to the same folder after it was moved', async () => {
  const { root, folders } = world()
  const moved = join(tempFolder(), 'moved')
  renameSync(join(root, 'a'), moved)
  symlinkSync(moved, join(root, 'a'))
  await aMoment()
  expect(codeOf(() => folders.exists('a/b'))).toBe('object.unsafe-path')
  expect(codeOf(() => folders.confirm('a/b'))).toBe('object.unsafe-path')
})

test('continues with a folder that replaced another, but treats its content as foreign', async () => {
  const { root, folders } = world()
  expect(folders.isOwn('a/b')).toBe(true)
  renameSync(join(root, 'a'), join(root, 'moved'))
  mkdirSync(join(root, 'a/b'), { recursive: true })
  await aMoment()
  folders.confirm('a/b')
  expect(folders.isOwn('a/b')).toBe(false)
})

test.each(['a/b', 'a', '.'])('a folder %s that disappeared is a disk error', async (gone) => {
  const { root, folders } = world()
  rmSync(join(root, gone), { recursive: true })
  await aMoment()
  expect(codeOf(() => folders.confirm('a/b'))).toBe('disk.not-found')
})

test('a replaced root is a disk error', async () => {
  const { root, folders } = world()
  renameSync(root, `${root}-moved`)
  mkdirSync(join(root, 'a/b'), { recursive: true })
  await aMoment()
  expect(codeOf(() => folders.confirm('a/b'))).toBe('disk.not-found')
  rmSync(`${root}-moved`, { recursive: true })
})

test('a link in place of a folder of crosstrail’s own ends the run', () => {
  const { root, outside, folders } = world()
  folders.confirmOwn('a/b')
  renameSync(join(root, 'a'), join(root, 'moved'))
  symlinkSync(outside, join(root, 'a'))
  expect(codeOf(() => folders.confirmOwn('a/b', 0))).toBe('disk.not-a-folder')
})
