import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRegularFile, readRegularFile } from '../../src/disk/regular-file.ts'
import { codeOf } from './error-code.ts'
import { tempFolder } from './temp-folder.ts'

const plants: Readonly<Record<string, (path: string, outside: string) => unknown>> = {
  'a symbolic link to a file': (path, outside) => symlinkSync(join(outside, 'file'), path),
  'a broken symbolic link': (path, outside) => symlinkSync(join(outside, 'none'), path),
  'a symbolic link to a folder': (path, outside) => symlinkSync(outside, path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a folder': (path) => mkdirSync(path),
}

describe.each(Object.keys(plants))('refuses %s', (what) => {
  test.each(['read', 'update', 'append'] as const)('to %s', (use) => {
    const path = join(tempFolder(), 'state')
    const outside = tempFolder()
    writeFileSync(join(outside, 'file'), 'before')
    plants[what]?.(path, outside)
    expect(codeOf(() => openRegularFile(path, use))).toBe('disk.not-a-file')
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('before')
  })
})

test('refuses a socket', async () => {
  const path = join(tempFolder(), 'state')
  const server = createServer()
  await new Promise<void>((listening) => server.listen(path, listening))
  try {
    expect(codeOf(() => openRegularFile(path, 'update'))).toBe('disk.not-a-file')
  } finally {
    server.close()
  }
})

test('refuses a device', () => {
  expect(codeOf(() => openRegularFile('/dev/null', 'read'))).toBe('disk.not-a-file')
})

test('a missing file reads as undefined, and only append creates it, 0600', () => {
  const path = join(tempFolder(), 'state')
  expect(readRegularFile(path, 10)).toBeUndefined()
  expect(() => openRegularFile(path, 'update')).toThrow('ENOENT')
  const descriptor = openRegularFile(path, 'append')
  writeSync(descriptor, 'text')
  closeSync(descriptor)
  expect(readRegularFile(path, 10)?.toString()).toBe('text')
  expect(execFileSync('stat', ['-c', '%a', path], { encoding: 'utf8' }).trim()).toBe('600')
})

test('reads a file to its end, and refuses one larger than allowed', () => {
  const path = join(tempFolder(), 'state')
  writeFileSync(path, Buffer.alloc(200_000, 'x'))
  expect(readRegularFile(path, 200_000)?.length).toBe(200_000)
  expect(codeOf(() => readRegularFile(path, 199_999))).toBe('disk.too-large')
  truncateSync(path, 2 ** 40)
  expect(codeOf(() => readRegularFile(path, 200_000))).toBe('disk.too-large')
})

test('follows a link to a file that the user named, and refuses one to a FIFO', () => {
  const folder = tempFolder()
  writeFileSync(join(folder, 'file'), 'text')
  symlinkSync('file', join(folder, 'link'))
  execFileSync('mkfifo', [join(folder, 'fifo')])
  symlinkSync('fifo', join(folder, 'link-to-fifo'))
  expect(readRegularFile(join(folder, 'link'), 10, { followLink: true })?.toString()).toBe('text')
  expect(codeOf(() => readRegularFile(join(folder, 'link-to-fifo'), 10, { followLink: true }))).toBe('disk.not-a-file')
})
