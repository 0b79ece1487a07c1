import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeNamedFolder, makeOwnFolder } from '../../src/disk/make-folder.ts'
import { tempFolder } from './temp-folder.ts'

test('a folder is made with those above it, 0700', () => {
  const folder = join(tempFolder(), 'a', 'b', 'c')
  makeNamedFolder(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test.skipIf(!existsSync('/proc/self')).each(['/proc/x', '/proc/x/y/z'])(
  '%s: what the error names is the file system',
  (path) => {
    expect(() => makeNamedFolder(path)).toThrow(
      expect.objectContaining({
        code: 'disk.not-writable',
        message: `cannot create ${path}: /proc accepts no new folders`,
      }) as Error,
    )
  },
)

test('a file in the way is named, also if it lies higher up', () => {
  const file = join(tempFolder(), 'file')
  writeFileSync(file, '')
  const is = `${file} is not a folder`
  expect(() => makeNamedFolder(file)).toThrow(
    expect.objectContaining({ code: 'disk.not-a-folder', message: is }) as Error,
  )
  const below = join(file, 'a', 'b')
  expect(() => makeNamedFolder(below)).toThrow(
    expect.objectContaining({ code: 'disk.not-a-folder', message: `${is}, so ${below} cannot be created` }) as Error,
  )
})

test('a link that leads nowhere is named, also if it lies higher up', () => {
  const link = join(tempFolder(), 'link')
  symlinkSync(join(tempFolder(), 'none'), link)
  const is = `${link} is a symbolic link to nothing`
  expect(() => makeNamedFolder(link)).toThrow(is)
  expect(() => makeNamedFolder(join(link, 'a'))).toThrow(`${is}, so ${join(link, 'a')} cannot be created`)
})

test('a link to a folder is taken where the user named it, and nowhere else', () => {
  const link = join(tempFolder(), 'link')
  symlinkSync(tempFolder(), link)
  expect(() => makeNamedFolder(link)).not.toThrow()
  expect(() => makeOwnFolder(link)).toThrow(`${link} is not a folder`)
})
