import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { expect, it } from 'vitest'

import { maxConfigBytes, readConfigText } from '../../src/config/read.ts'
import { emptyFolder, errorOf } from './written.ts'

function fileOf(content: string | Buffer): string {
  const file = path.join(emptyFolder(), 'c.yaml')
  writeFileSync(file, content)
  return file
}

it('removes a byte order mark', () => {
  expect(readConfigText(fileOf('\uFEFFa: ä'))).toBe('a: ä')
})

it('accepts a file of exactly the limit, and refuses one more byte', () => {
  expect(readConfigText(fileOf(Buffer.alloc(maxConfigBytes, ' ')))).toHaveLength(maxConfigBytes)
  expect(errorOf(() => readConfigText(fileOf(Buffer.alloc(maxConfigBytes + 1, ' ')))).code).toBe('config.too-large')
})

it('a device without an end is too large', () => {
  expect(errorOf(() => readConfigText('/dev/zero')).code).toBe('config.too-large')
})

it.each([
  ['a NUL byte', Buffer.from('a: \0')],
  ['UTF-16', Buffer.from('a: b', 'utf16le')],
  ['Latin-1', Buffer.from('a: ä', 'latin1')],
  ['a character cut in two', Buffer.from('a: ä').subarray(0, -1)],
])('%s is not text', (_what, bytes) => {
  expect(errorOf(() => readConfigText(fileOf(bytes))).code).toBe('config.not-text')
})

it('a folder is not a file', () => {
  expect(errorOf(() => readConfigText(emptyFolder())).code).toBe('config.not-a-file')
})

it.each(['gone.yaml', 'c.yaml/gone.yaml'])('%s is not found', (name) => {
  const file = path.join(path.dirname(fileOf('')), name)
  expect(errorOf(() => readConfigText(file)).code).toBe('config.not-found')
})

it('a link to itself is an error with a reason', () => {
  const file = path.join(emptyFolder(), 'c.yaml')
  symlinkSync('c.yaml', file)
  expect(errorOf(() => readConfigText(file))).toMatchObject({ code: 'config.unreadable', facts: { reason: 'ELOOP' } })
})

it('shows no control characters of a file name', () => {
  const folder = path.join(emptyFolder(), '\u001b[31m')
  mkdirSync(folder)
  expect(errorOf(() => readConfigText(folder)).message).not.toContain('\u001b')
})
