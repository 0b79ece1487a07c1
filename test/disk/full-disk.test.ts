import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isDiskFailure } from '../../src/disk/disk-error.ts'
import { openMirror } from '../../src/disk/local-mirror.ts'
import { codeOf, codeOfAsync } from './error-code.ts'
import { filesBelow } from './temp-folder.ts'

const mounted: string[] = []
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && tryMount() !== undefined
if (!canMount) process.stderr.write('skipped: a full or read-only disk needs the right to mount a tmpfs\n')

afterAll(() => {
  for (const path of mounted) {
    execFileSync('umount', [path])
    rmdirSync(path)
  }
  mounted.length = 0
})

function tryMount(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'crosstrail-full-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    rmdirSync(path)
    return undefined
  }
  mounted.push(path)
  return path
}

const [disk = ''] = mounted
const options = { root: disk, layout: 'key', decompress: false, maxInflatedBytes: 1e9 } as const
const object = (key: string, sizeBytes: number) => ({
  key,
  sizeBytes,
  etag: '',
  lastModifiedMs: 0,
  storageClass: 'STANDARD',
})

test.skipIf(!canMount)('a full disk ends the run, and leaves no part of a log', async () => {
  const mirror = openMirror(options)
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

test.skipIf(!canMount)('a read-only disk is not writable', () => {
  execFileSync('mount', ['-o', 'remount,ro', disk])
  expect(codeOf(() => openMirror(options))).toBe('disk.not-writable')
  expect(codeOf(() => openMirror({ ...options, root: join(disk, 'new') }))).toBe('disk.not-writable')
  expect(readdirSync(disk)).not.toContain('new')
})
