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
  ['what is there and right is skipped', {}, 'skip'],
  ['overwrite fetches what is right', { overwrite: true }, 'fetch'],
  ['a missing file is fetched', { local: missing }, 'fetch'],
  ['what is no file is fetched', { local: { ...file, isFile: false } }, 'fetch'],
  ['another size is fetched', { listedSizeBytes: 11 }, 'fetch'],
  ['a part of a second is no difference', { listedLastModifiedMs: 5_999 }, 'skip'],
  ['another time with an MD5 is compared', { listedLastModifiedMs: 6_000 }, 'compare-content'],
  ['another time without an MD5 is fetched', { listedLastModifiedMs: 6_000, etagMayBeMd5: false }, 'fetch'],
  ['a decompressed file of the same time is skipped', { decompress: true, listedSizeBytes: 3 }, 'skip'],
  ['an empty decompressed file is fetched', { decompress: true, local: { ...file, sizeBytes: 0 } }, 'fetch'],
  ['a decompressed file of another time is fetched', { decompress: true, listedLastModifiedMs: 6_000 }, 'fetch'],
])('%s', (_law, change, decision) => {
  expect(decidePresence({ ...right, ...change })).toBe(decision)
})

test('a file tells its size and time', () => {
  const path = join(tempFolder(), 'f')
  writeFileSync(path, 'abc')
  utimesSync(path, 1_000, 1_000)
  expect(localState(path)).toMatchObject({ exists: true, isFile: true, sizeBytes: 3, mtimeMs: 1_000_000 })
})

test('a symbolic link to a file is no file', () => {
  const root = tempFolder()
  writeFileSync(join(root, 'f'), 'abc')
  symlinkSync(join(root, 'f'), join(root, 'link'))
  expect(localState(join(root, 'link'))).toMatchObject({ exists: true, isFile: false })
})

test('a folder is no file, and nothing is missing', () => {
  const root = tempFolder()
  mkdirSync(join(root, 'd'))
  expect(localState(join(root, 'd'))).toMatchObject({ isFile: false, isFolder: true })
  expect(localState(join(root, 'none'))).toEqual(missing)
})
