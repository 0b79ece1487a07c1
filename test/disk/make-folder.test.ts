import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeNamedFolder, makeOwnFolder } from '../../src/disk/make-folder.ts'
import { tempFolder } from './temp-folder.ts'

test('makes a folder with its parents, 0700', () => {
  const folder = join(tempFolder(), 'a', 'b', 'c')
  makeNamedFolder(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test.skipIf(!existsSync('/proc/self')).each(['/proc/x', '/proc/x/y/z'])(
  '%s: the error names the file system',
  (path) => {
    expect(() => makeNamedFolder(path)).toThrow(
      expect.objectContaining({
        code: 'disk.not-writable',
        message: `cannot create ${path}: /proc accepts no new folders`,
      }) as Error,
    )
  },
)

test('the error names a file that blocks the path, also as a parent', () => {
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

test('the error names a broken link, also as a parent', () => {
  const link = join(tempFolder(), 'link')
  symlinkSync(join(tempFolder(), 'none'), link)
  const is = `${link} is a symbolic link to nothing`
  expect(() => makeNamedFolder(link)).toThrow(is)
  expect(() => makeNamedFolder(join(link, 'a'))).toThrow(`${is}, so ${join(link, 'a')} cannot be created`)
})

test('follows a link to a folder only if the user named it', () => {
  const link = join(tempFolder(), 'link')
  symlinkSync(tempFolder(), link)
  expect(() => makeNamedFolder(link)).not.toThrow()
  expect(() => makeOwnFolder(link)).toThrow(`${link} is not a folder`)
})
