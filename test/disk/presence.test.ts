import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type LocalState, type PresenceFacts, decidePresence, localState, missing } from '../../src/disk/presence.ts'
import { tempFolder } from './temp-folder.ts'

const file: LocalState = { exists: true, isFile: true, isFolder: false, sizeBytes: 10, mtimeMs: 5_000, changedMs: 0 }
const right: PresenceFacts = {
  local: file,
  listedSizeBytes: 10,
  listedLastModifiedMs: 5_000,
  etagMayBeMd5: true,
  decompress: false,
  overwrite: false,
}

test.each<[string, Partial<PresenceFacts>, string]>([
  ['skips an equal file', {}, 'skip'],
  ['fetches an equal file with overwrite', { overwrite: true }, 'fetch'],
  ['fetches a missing file', { local: missing }, 'fetch'],
  ['fetches if there is something other than a file', { local: { ...file, isFile: false } }, 'fetch'],
  ['fetches if the size differs', { listedSizeBytes: 11 }, 'fetch'],
  ['ignores fractions of a second', { listedLastModifiedMs: 5_999 }, 'skip'],
  ['compares if the time differs and there is an MD5', { listedLastModifiedMs: 6_000 }, 'compare-content'],
  ['fetches if the time differs and there is no MD5', { listedLastModifiedMs: 6_000, etagMayBeMd5: false }, 'fetch'],
  ['skips a decompressed file with the same time', { decompress: true, listedSizeBytes: 3 }, 'skip'],
  ['fetches if the decompressed file is empty', { decompress: true, local: { ...file, sizeBytes: 0 } }, 'fetch'],
  ['fetches if the time of a decompressed file differs', { decompress: true, listedLastModifiedMs: 6_000 }, 'fetch'],
])('%s', (_law, change, decision) => {
  expect(decidePresence({ ...right, ...change })).toBe(decision)
})

test('reads the size and time of a file', () => {
  const path = join(tempFolder(), 'f')
  writeFileSync(path, 'abc')
  utimesSync(path, 1_000, 1_000)
  expect(localState(path)).toMatchObject({ exists: true, isFile: true, sizeBytes: 3, mtimeMs: 1_000_000 })
})

test('a symbolic link to a file is not a file', () => {
  const root = tempFolder()
  writeFileSync(join(root, 'f'), 'abc')
  symlinkSync(join(root, 'f'), join(root, 'link'))
  expect(localState(join(root, 'link'))).toMatchObject({ exists: true, isFile: false })
})

test('a folder is not a file, and a missing path is missing', () => {
  const root = tempFolder()
  mkdirSync(join(root, 'd'))
  expect(localState(join(root, 'd'))).toMatchObject({ isFile: false, isFolder: true })
  expect(localState(join(root, 'none'))).toEqual(missing)
})
