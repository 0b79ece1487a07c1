import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type WholeFileOptions, createWhole, writeWhole } from '../../src/disk/whole-file.ts'
import { codeOf } from './error-code.ts'
import { tempFolder } from './temp-folder.ts'

function setUp(change: Partial<WholeFileOptions> = {}) {
  const root = tempFolder()
  const options: WholeFileOptions = {
    temp: join(root, 'temp'),
    final: join(root, 'final'),
    mtimeMs: Date.UTC(2026, 10, 1, 12),
    replace: true,
    ...change,
  }
  return { root, options }
}

test.each([true, false])('a file has its bytes, its time and 0600 (replace %j)', (replace) => {
  const { root, options } = setUp({ replace, durable: true })
  writeWhole(options, Buffer.from('log'))
  expect(readFileSync(options.final, 'utf8')).toBe('log')
  expect(statSync(options.final)).toMatchObject({ mtimeMs: options.mtimeMs })
  expect(statSync(options.final).mode & 0o777).toBe(0o600)
  expect(readdirSync(root)).toEqual(['final'])
})

test('a file has no final name before it is committed', () => {
  const { root, options } = setUp()
  const file = createWhole(options)
  file.write(Buffer.from('a'))
  file.write(Buffer.from('b'))
  expect(readdirSync(root)).toEqual(['temp'])
  file.commit()
  expect(readFileSync(options.final, 'utf8')).toBe('ab')
})

test('an aborted file leaves nothing', () => {
  const { root, options } = setUp()
  const file = createWhole(options)
  file.write(Buffer.from('a'))
  file.abort()
  file.abort()
  expect(readdirSync(root)).toEqual([])
})

test('an abort after the commit removes nothing', () => {
  const { options } = setUp()
  const file = createWhole(options)
  file.commit()
  file.abort()
  expect(statSync(options.final).size).toBe(0)
})

test('replaces an existing file', () => {
  const { options } = setUp()
  writeFileSync(options.final, 'old, and longer')
  writeWhole(options, Buffer.from('new'))
  expect(readFileSync(options.final, 'utf8')).toBe('new')
})

test('keeps a file that must not be replaced, and leaves no temp file', () => {
  const { root, options } = setUp({ replace: false })
  writeFileSync(options.final, 'old')
  expect(codeOf(() => writeWhole(options, Buffer.from('new')))).toBe('object.name-collision')
  expect(readFileSync(options.final, 'utf8')).toBe('old')
  expect(readdirSync(root)).toEqual(['final'])
})

test('replaces a link under the final name and does not follow it', () => {
  const { root, options } = setUp()
  writeFileSync(join(root, 'elsewhere'), 'untouched')
  symlinkSync(join(root, 'elsewhere'), options.final)
  writeWhole(options, Buffer.from('new'))
  expect(readFileSync(join(root, 'elsewhere'), 'utf8')).toBe('untouched')
  expect(readFileSync(options.final, 'utf8')).toBe('new')
})

test('a folder in place of the file is an error, and leaves no temp file', () => {
  const { root, options } = setUp()
  mkdirSync(options.final)
  expect(codeOf(() => writeWhole(options, Buffer.from('new')))).toBe('object.path-occupied')
  expect(readdirSync(root)).toEqual(['final'])
})

test('a name too long for the file system is an error of the object', () => {
  const { root, options } = setUp()
  const final = join(root, 'x'.repeat(300))
  expect(codeOf(() => writeWhole({ ...options, final }, Buffer.from('new')))).toBe('object.unsafe-key')
})

test('a missing folder is a disk error', () => {
  const { root, options } = setUp()
  const final = join(root, 'none', 'final')
  expect(codeOf(() => writeWhole({ ...options, final }, Buffer.from('new')))).toBe('disk.not-found')
})
