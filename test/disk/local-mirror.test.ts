import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type MirrorOptions, openMirror } from '../../src/disk/local-mirror.ts'
import { parseSignature } from '../../src/disk/signature-file.ts'
import type { KeyParts, ListedObject } from '../../src/trail/log-object.ts'
import { codeOf, codeOfAsync } from './error-code.ts'
import { filesBelow, tempFolder } from './temp-folder.ts'

const log = Buffer.from(JSON.stringify({ Records: [{ eventID: 'e-1' }] }))
const body = gzipSync(log)
const headers = { 'content-length': String(body.length), etag: `"${md5(body)}"` }
const name = '222222222222_CloudTrail_us-east-1_20261101T0005Z_abcdefghij012345.json.gz'
const key = `AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/${name}`

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

function objectOf(key: string, bytes: Uint8Array = body): ListedObject & Partial<KeyParts> {
  const parts = { logAccount: '222222222222', region: 'us-east-1', kind: 'events' } as KeyParts
  const listed = { key, sizeBytes: bytes.length, etag: md5(bytes), storageClass: 'STANDARD' }
  return { ...parts, ...listed, lastModifiedMs: Date.UTC(2026, 10, 1, 0, 7) }
}

function open(change: Partial<MirrorOptions> = {}) {
  return openMirror({ root: tempFolder(), layout: 'key', decompress: false, maxInflatedBytes: 1e9, ...change })
}

/** Lists the mirror without its own folder. */
function logsIn(root: string): string[] {
  return filesBelow(root).filter((path) => !path.startsWith('.crosstrail'))
}

describe('a log', () => {
  test('is fetched once, and skipped by the next run', async () => {
    const first = open()
    const place = first.place(objectOf(key))
    expect(place).toMatchObject({ decision: 'fetch', relativePath: key, path: join(first.root, key) })
    expect(await first.writeBytes(place, body, headers)).toEqual({
      writtenBytes: body.length,
      checked: ['length', 'md5'],
    })
    first.close()
    expect(readFileSync(join(first.root, key)).equals(body)).toBe(true)
    expect(open({ root: first.root }).place(objectOf(key)).decision).toBe('skip')
  })

  test('is fetched again with overwrite', async () => {
    const first = open()
    await first.writeBytes(first.place(objectOf(key)), body, headers)
    const second = open({ root: first.root, overwrite: true })
    const place = second.place(objectOf(key))
    expect(place.decision).toBe('fetch')
    expect(await codeOfAsync(() => second.writeBytes(place, body, headers))).toBe('none')
  })

  test('is fetched again if it was changed on disk', async () => {
    const mirror = open()
    await mirror.writeBytes(mirror.place(objectOf(key)), body, headers)
    writeFileSync(join(mirror.root, key), body.subarray(1))
    const place = mirror.place(objectOf(key))
    expect(place.decision).toBe('fetch')
    await mirror.writeBytes(place, body, headers)
    expect(readFileSync(place.path).equals(body)).toBe(true)
  })

  test('is not written if a byte is wrong', async () => {
    const mirror = open()
    const wrong = Buffer.from(body)
    wrong.writeUInt8(wrong.readUInt8(20) ^ 1, 20)
    expect(await codeOfAsync(() => mirror.writeBytes(mirror.place(objectOf(key)), wrong, headers))).toBe(
      'object.corrupt',
    )
    expect(filesBelow(mirror.root)).toEqual([])
  })

  test('is stored unzipped if asked, with the time of the object', async () => {
    const mirror = open({ decompress: true })
    const place = mirror.place(objectOf(key))
    expect(await mirror.writeBytes(place, body, headers)).toEqual({
      writtenBytes: log.length,
      checked: ['length', 'md5'],
    })
    expect(logsIn(mirror.root)).toEqual([key.replace(/\.gz$/, '')])
    expect(readFileSync(place.path).equals(log)).toBe(true)
    expect(statSync(place.path).mtimeMs).toBe(Date.UTC(2026, 10, 1, 0, 7))
    expect(open({ root: mirror.root, decompress: true }).place(objectOf(key)).decision).toBe('skip')
  })

  test('is complete if it inflates to more than fits in memory', async () => {
    const mirror = open({ decompress: true })
    const big = gzipSync(Buffer.alloc(70 * 1024 * 1024, 'x'), { level: 1 })
    const place = mirror.place(objectOf(key, big))
    expect((await mirror.writeBytes(place, big, {})).writtenBytes).toBe(70 * 1024 * 1024)
    expect(statSync(place.path).size).toBe(70 * 1024 * 1024)
  })

  test.each([1000, 1e9])('leaves nothing if it cannot be unzipped (limit %d)', async (maxInflatedBytes) => {
    const mirror = open({ decompress: true, maxInflatedBytes })
    const bad = maxInflatedBytes === 1000 ? gzipSync(Buffer.alloc(5000)) : Buffer.concat([body, body.subarray(0, 30)])
    const expected = maxInflatedBytes === 1000 ? 'object.inflates-too-much' : 'object.truncated-gzip'
    expect(await codeOfAsync(() => mirror.writeBytes(mirror.place(objectOf(key, bad)), bad, {}))).toBe(expected)
    expect(filesBelow(mirror.root)).toEqual([])
  })
})

describe.each([false, true])('a stream (decompress %j)', (decompress) => {
  test('appears under its name when it is committed', async () => {
    const mirror = open({ decompress })
    const place = mirror.place(objectOf(key))
    const stream = mirror.openStream(place, headers)
    for (const byte of body) stream.write(Buffer.from([byte]))
    expect(logsIn(mirror.root)).toEqual([])
    expect((await stream.commit()).checked).toEqual(['length', 'md5'])
    stream.abort()
    expect(readFileSync(place.path).equals(decompress ? log : body)).toBe(true)
    expect(filesBelow(mirror.root)).toHaveLength(1)
  })

  test('leaves nothing if it ends early', async () => {
    const mirror = open({ decompress })
    const stream = mirror.openStream(mirror.place(objectOf(key)), headers)
    stream.write(body.subarray(0, 20))
    expect(await codeOfAsync(() => stream.commit())).toBe('object.truncated')
    stream.abort()
    expect(filesBelow(mirror.root)).toEqual([])
  })
})

describe('two keys with the same file name', () => {
  const twin = `copy/${key}`

  test.each(['flat', 'account'] as const)('in layout %s the second is refused', async (layout) => {
    const mirror = open({ layout })
    await mirror.writeBytes(mirror.place(objectOf(key)), body, headers)
    expect(codeOf(() => mirror.place(objectOf(twin, log)))).toBe('object.name-collision')
  })

  test('the second is refused with overwrite too', async () => {
    const mirror = open({ layout: 'flat', overwrite: true })
    await mirror.writeBytes(mirror.place(objectOf(key)), body, headers)
    expect(codeOf(() => mirror.place(objectOf(twin, log)))).toBe('object.name-collision')
  })

  test('if both are in progress, the first to finish stays', async () => {
    const mirror = open({ layout: 'flat' })
    const [first, second] = [mirror.place(objectOf(key)), mirror.place(objectOf(twin, log))]
    await mirror.writeBytes(first, body, headers)
    expect(await codeOfAsync(() => mirror.writeBytes(second, log, {}))).toBe('object.name-collision')
    expect(readFileSync(first.path).equals(body)).toBe(true)
  })

  test('with the same content become one file', async () => {
    const mirror = open({ layout: 'flat' })
    await mirror.writeBytes(mirror.place(objectOf(key)), body, headers)
    expect(mirror.place(objectOf(twin)).decision).toBe('skip')
  })

  test('overwrite may replace a file of an earlier run', async () => {
    const root = tempFolder()
    writeFileSync(join(root, name), 'old')
    await new Promise((resolve) => setTimeout(resolve, 20))
    const mirror = open({ root, layout: 'flat', overwrite: true })
    await mirror.writeBytes(mirror.place(objectOf(key)), body, headers)
    expect(readFileSync(join(root, name)).equals(body)).toBe(true)
  })
})

describe('refuses', () => {
  test('a key that would leave the folder', () => {
    expect(codeOf(() => open().place(objectOf('../../etc/cron.d/x.gz')))).toBe('object.unsafe-key')
  })

  test('a key that differs only by case, if the file system ignores case', () => {
    const mirror = open({ caseSensitive: false })
    mirror.place(objectOf('a/log.gz'))
    expect(codeOf(() => mirror.place(objectOf('a/LOG.gz')))).toBe('object.name-collision')
  })

  test('a key whose folder is a link out of the mirror', () => {
    const mirror = open()
    const outside = tempFolder()
    symlinkSync(outside, join(mirror.root, 'AWSLogs'))
    expect(codeOf(() => mirror.place(objectOf(key)))).toBe('object.unsafe-path')
    expect(readdirSync(outside)).toEqual([])
  })

  test.each(['a folder in its place', 'a file in the place of its folder'])('a key with %s', (obstacle) => {
    const mirror = open()
    const path = join(mirror.root, key)
    mkdirSync(obstacle.startsWith('a folder') ? path : dirname(dirname(path)), { recursive: true })
    if (obstacle.startsWith('a file')) writeFileSync(dirname(path), '')
    expect(codeOf(() => mirror.place(objectOf(key)))).toBe('object.path-occupied')
  })
})

describe('a dry run', () => {
  test('makes nothing, not even the root', () => {
    const root = join(tempFolder(), 'new')
    const mirror = open({ root, dryRun: true })
    expect(mirror.place(objectOf(key)).decision).toBe('fetch')
    mirror.close()
    expect(existsSync(root)).toBe(false)
  })

  test('changes no time', async () => {
    const first = open()
    const place = first.place(objectOf(key))
    await first.writeBytes(place, body, headers)
    utimesSync(place.path, 1, 1)
    expect(open({ root: first.root, dryRun: true }).place(objectOf(key)).decision).toBe('skip')
    expect(statSync(place.path).mtimeMs).toBe(1000)
  })
})

test('close leaves the logs and no temp folder', async () => {
  const mirror = open()
  await mirror.writeBytes(mirror.place(objectOf(key)), body, headers)
  mirror.openStream(mirror.place(objectOf(`${key}2`)), {}).write(body)
  mirror.close()
  expect(readdirSync(join(mirror.root, '.crosstrail', 'tmp'))).toEqual([])
  expect(filesBelow(mirror.root)).toEqual([key])
})

describe('a folder that becomes a link during a run', () => {
  const later = key.replace('abcdefghij012345', 'abcdefghij099999')

  /** Moves a folder out of the mirror, and puts a link to another folder in its place. */
  function swap(root: string, folder: string): string {
    const outside = tempFolder()
    renameSync(join(root, folder), join(tempFolder(), 'moved'))
    symlinkSync(outside, join(root, folder))
    return outside
  }

  test('receives no later log', async () => {
    const mirror = open()
    await mirror.writeBytes(mirror.place(objectOf(key)), body, headers)
    const place = mirror.place(objectOf(later))
    const outside = swap(mirror.root, 'AWSLogs')
    await sleep(30)
    mkdirSync(join(outside, dirname(key).replace('AWSLogs/', '')), { recursive: true })
    expect(await codeOfAsync(() => mirror.writeBytes(place, body, headers))).toBe('object.unsafe-path')
    expect(filesBelow(outside)).toEqual([])
    expect(readdirSync(join(mirror.root, '.crosstrail/tmp'), { recursive: true })).toHaveLength(1)
  })

  test('receives no log in progress', async () => {
    const mirror = open()
    const stream = mirror.openStream(mirror.place(objectOf(key)), headers)
    stream.write(body)
    const outside = swap(mirror.root, 'AWSLogs')
    await sleep(30)
    mkdirSync(join(outside, dirname(key).replace('AWSLogs/', '')), { recursive: true })
    expect(await codeOfAsync(() => stream.commit())).toBe('object.unsafe-path')
    stream.abort()
    expect(filesBelow(outside)).toEqual([])
  })

  test('ends the run if it is the temp folder', async () => {
    const mirror = open()
    await mirror.writeBytes(mirror.place(objectOf(key)), body, headers)
    const [own = ''] = readdirSync(join(mirror.root, '.crosstrail/tmp'))
    const outside = swap(mirror.root, '.crosstrail/tmp')
    mkdirSync(join(outside, own))
    await sleep(30)
    const place = mirror.place(objectOf(later))
    expect(await codeOfAsync(() => mirror.writeBytes(place, body, headers))).toBe('disk.not-a-folder')
    expect(filesBelow(outside)).toEqual([])
  })
})

describe('a digest', () => {
  const digestKey =
    'AWSLogs/222222222222/CloudTrail-Digest/us-east-1/2026/11/01/222222222222_CloudTrail-Digest_us-east-1_trail_us-east-1_20261101T010000Z.json.gz'
  const digest = (bytes?: Uint8Array) => ({ ...objectOf(digestKey, bytes), kind: 'digest' as const })
  const signed = { ...headers, 'x-amz-meta-signature': 'ab12', 'x-amz-meta-signature-algorithm': 'SHA256withRSA' }
  const kept = (root: string, path = digestKey) => parseSignature(readFileSync(`${root}/${path}.signature`, 'utf8'))

  test('has its signature in a file beside it, complete and with its time', async () => {
    const mirror = open()
    const made = '2026-11-05T00:00:00Z'
    const answer = { ...signed, 'x-amz-meta-backfill-generation-timestamp': made }
    await mirror.writeBytes(mirror.place(digest()), body, answer)
    mirror.close()
    expect(logsIn(mirror.root)).toEqual([digestKey, `${digestKey}.signature`])
    expect(kept(mirror.root)).toEqual({
      signature: 'ab12',
      signatureAlgorithm: 'SHA256withRSA',
      backfillGenerationTimestamp: made,
    })
    expect(statSync(`${mirror.root}/${digestKey}.signature`).mtimeMs).toBe(digest().lastModifiedMs)
    expect(statSync(`${mirror.root}/${digestKey}.signature`).mode & 0o777).toBe(0o600)
    expect(open({ root: mirror.root }).place(digest()).decision).toBe('skip')
  })

  test('has one too if the object has no signature, which the file says', async () => {
    const mirror = open()
    await mirror.writeBytes(mirror.place(digest()), body, headers)
    expect(kept(mirror.root)).toEqual({
      signature: undefined,
      signatureAlgorithm: undefined,
      backfillGenerationTimestamp: undefined,
    })
    expect(open({ root: mirror.root }).place(digest()).decision).toBe('skip')
  })

  test.each(['key', 'flat', 'account'] as const)(
    'is fetched again if that file is missing, empty or a link, in layout %s',
    async (layout) => {
      const { root } = open()
      const fetch = async () => {
        const mirror = open({ root, layout })
        const place = mirror.place(digest())
        if (place.decision === 'fetch') await mirror.writeBytes(place, body, signed)
        return place
      }
      const { decision, signaturePath: path = '' } = await fetch()
      expect(decision).toBe('fetch')
      const file = join(root, path)
      const spoilers = [
        () => rmSync(file),
        () => writeFileSync(file, ''),
        () => {
          rmSync(file)
          symlinkSync('/etc/hostname', file)
        },
      ]
      for (const spoil of spoilers) {
        spoil()
        expect((await fetch()).decision).toBe('fetch')
        expect(lstatSync(file).isFile()).toBe(true)
        expect((await fetch()).decision).toBe('skip')
      }
    },
  )

  test('is refused if a folder is in place of that file', async () => {
    const mirror = open()
    const file = `${mirror.root}/${digestKey}.signature`
    mkdirSync(file, { recursive: true })
    expect(codeOf(() => mirror.place(digest()))).toBe('object.path-occupied')
    rmSync(file, { recursive: true })
    await mirror.writeBytes(mirror.place(digest()), body, signed)
    rmSync(file)
    mkdirSync(file)
    expect(codeOf(() => open({ root: mirror.root }).place(digest()))).toBe('object.path-occupied')
  })

  test('has that file if it is streamed or unzipped', async () => {
    const mirror = open({ decompress: true })
    const place = mirror.place(digest())
    const stream = mirror.openStream(place, signed)
    stream.write(body)
    await stream.commit()
    expect(place.signaturePath).toBe(`${place.relativePath}.signature`)
    expect(place.relativePath).toMatch(/\.json$/)
    expect(kept(mirror.root, place.relativePath)?.signature).toBe('ab12')
  })

  test('does not get its name if that file cannot be written', async () => {
    const mirror = open()
    const place = mirror.place(digest())
    mkdirSync(`${place.path}.signature`, { recursive: true })
    expect(await codeOfAsync(() => mirror.writeBytes(place, body, signed))).toBe('object.path-occupied')
    expect(existsSync(place.path)).toBe(false)
  })

  test('whose body cannot be unzipped leaves neither file', async () => {
    const wrong = Buffer.from('no gzip')
    const mirror = open({ decompress: true })
    const place = mirror.place(digest(wrong))
    const answer = { ...signed, 'content-length': String(wrong.length), etag: `"${md5(wrong)}"` }
    expect(await codeOfAsync(() => mirror.writeBytes(place, wrong, answer))).toBe('object.not-gzip')
    expect(logsIn(mirror.root)).toEqual([])
  })
})

test('no other log has such a file', async () => {
  const mirror = open()
  await mirror.writeBytes(mirror.place(objectOf(key)), body, { ...headers, 'x-amz-meta-signature': 'ab12' })
  expect(logsIn(mirror.root)).toEqual([key])
})
