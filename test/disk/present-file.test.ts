import { createHash } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isPresent } from '../../src/disk/present-file.ts'
import { localState } from '../../src/disk/presence.ts'
import { tempFolder } from './temp-folder.ts'

const options = { decompress: false, overwrite: false, mayTouch: true }
const modifiedMs = Date.UTC(2026, 10, 1)

function setUp(content: string) {
  const path = join(tempFolder(), 'log')
  writeFileSync(path, content)
  const etag = createHash('md5').update('the log').digest('hex')
  return { path, object: { key: 'log', sizeBytes: 7, etag, lastModifiedMs: modifiedMs, storageClass: 'STANDARD' } }
}

test('the same content with another time is present, and gets the time', () => {
  const { path, object } = setUp('the log')
  expect(isPresent(path, localState(path), object, options)).toBe(true)
  expect(statSync(path).mtimeMs).toBe(modifiedMs)
})

test('other content of the same size is not present', () => {
  const { path, object } = setUp('THE LOG')
  expect(isPresent(path, localState(path), object, options)).toBe(false)
})

test('a dry run does not change the time', () => {
  const { path, object } = setUp('the log')
  const before = statSync(path).mtimeMs
  expect(isPresent(path, localState(path), object, { ...options, mayTouch: false })).toBe(true)
  expect(statSync(path).mtimeMs).toBe(before)
})
