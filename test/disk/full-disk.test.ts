import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isDiskFailure } from '../../src/disk/disk-error.ts'
import { openMirror } from '../../src/disk/local-mirror.ts'
import { ownDisk } from '../own-disk.ts'
import { codeOf, codeOfAsync } from './error-code.ts'
import { filesBelow } from './temp-folder.ts'

const options = { layout: 'key', decompress: false, maxInflatedBytes: 1e9 } as const
const object = (key: string, sizeBytes: number) => ({
  key,
  sizeBytes,
  etag: '',
  lastModifiedMs: 0,
  storageClass: 'STANDARD',
})

test('a full disk ends the run and leaves no partial log', async ({ skip }) => {
  const disk = ownDisk('size=256k')
  if (disk === undefined) return skip()
  const mirror = openMirror({ ...options, root: disk })
  await mirror.writeBytes(mirror.place(object('a/small', 3)), Buffer.from('log'), {})
  const body = Buffer.alloc(1_000_000, 'x')
  expect(await codeOfAsync(() => mirror.writeBytes(mirror.place(object('a/big', body.length)), body, {}))).toBe(
    'disk.full',
  )
  expect(filesBelow(disk)).toEqual(['a/small'])
  const stream = mirror.openStream(mirror.place(object('a/big', body.length)), {})
  let failure: unknown
  try {
    stream.write(body)
  } catch (error) {
    failure = error
  } finally {
    stream.abort()
  }
  expect(isDiskFailure(failure)).toBe(true)
  expect(filesBelow(disk)).toEqual(['a/small'])
  mirror.close()
})

test('a read-only disk is not writable', ({ skip }) => {
  const disk = ownDisk('ro')
  if (disk === undefined) return skip()
  expect(codeOf(() => openMirror({ ...options, root: disk }))).toBe('disk.not-writable')
  expect(codeOf(() => openMirror({ ...options, root: join(disk, 'new') }))).toBe('disk.not-writable')
  expect(readdirSync(disk)).not.toContain('new')
})
