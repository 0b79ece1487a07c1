import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inflateStream } from '../../src/disk/inflate-stream.ts'
import { inflateLog } from '../../src/disk/inflate.ts'
import { codeOfAsync } from './error-code.ts'

const limit = { maxInflatedBytes: 4 * 1024 * 1024 }
const log = Buffer.from(
  JSON.stringify({ Records: Array.from({ length: 3000 }, (_, n) => ({ eventID: `e-${n * 7919}` })) }),
)
const zipped = gzipSync(log)

/** Yields the bytes in pieces of this size. */
function* inPieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size)
}

async function streamed(bytes: Uint8Array, pieceBytes: number, within = limit): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const length = await inflateStream(inPieces(bytes, pieceBytes), (chunk) => void chunks.push(chunk), within)
  const whole = Buffer.concat(chunks)
  expect(length).toBe(whole.length)
  return whole
}

const ways: [string, (bytes: Uint8Array, within?: typeof limit) => Promise<Buffer>][] = [
  ['at once', async (bytes, within = limit) => inflateLog(bytes, within)],
  ['as a stream', (bytes, within) => streamed(bytes, 64 * 1024, within)],
  ['as a stream of single bytes', (bytes, within) => streamed(bytes, bytes.length > 100_000 ? 1000 : 1, within)],
]

describe.each(ways)('%s', (_way, inflate) => {
  test.each<[string, Buffer, Buffer]>([
    ['a log', zipped, log],
    ['an empty log', gzipSync(''), Buffer.alloc(0)],
    ['two members', Buffer.concat([zipped, gzipSync('more')]), Buffer.concat([log, Buffer.from('more')])],
    ['two equal members', Buffer.concat([zipped, zipped]), Buffer.concat([log, log])],
    ['an empty member between two', Buffer.concat([zipped, gzipSync(''), zipped]), Buffer.concat([log, log])],
    ['zeros after the last member', Buffer.concat([zipped, Buffer.alloc(600)]), log],
    ['a name in the header', withName(zipped), log],
    ['a well-packed log', gzipSync(Buffer.alloc(3_000_000)), Buffer.alloc(3_000_000)],
  ])('%s inflates completely', async (_name, bytes, expected) => {
    expect((await inflate(bytes)).equals(expected)).toBe(true)
  })

  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'object.not-gzip'],
    ['JSON', log, 'object.not-gzip'],
    ['half a magic number', Buffer.from([0x1f, 0x00, 1, 2]), 'object.not-gzip'],
    ['only the first byte', zipped.subarray(0, 1), 'object.truncated-gzip'],
    ['a truncated log', zipped.subarray(0, 5000), 'object.truncated-gzip'],
    ['a log without its last byte', zipped.subarray(0, -1), 'object.truncated-gzip'],
    ['a truncated second member', Buffer.concat([zipped, zipped.subarray(0, 5000)]), 'object.truncated-gzip'],
    ['a wrong byte', withWrongByte(zipped, 3000), 'object.corrupt-gzip'],
    ['a wrong checksum', withWrongByte(zipped, zipped.length - 6), 'object.corrupt-gzip'],
    ['a wrong length', withWrongByte(zipped, zipped.length - 2), 'object.corrupt-gzip'],
    ['garbage after the last member', Buffer.concat([zipped, Buffer.from('garbage')]), 'object.corrupt-gzip'],
    ['garbage after zeros', Buffer.concat([zipped, Buffer.alloc(9), Buffer.from('x')]), 'object.corrupt-gzip'],
    ['a member after zeros', Buffer.concat([zipped, Buffer.alloc(9), zipped]), 'object.corrupt-gzip'],
    ['a bomb', gzipSync(Buffer.alloc(64 * 1024 * 1024)), 'object.inflates-too-much'],
  ])('%s is refused', async (_name, bytes, code) => {
    expect(await codeOfAsync(() => inflate(bytes))).toBe(code)
  })

  test('accepts a log of exactly the limit, and refuses one more byte', async () => {
    expect(await inflate(zipped, { maxInflatedBytes: log.length })).toHaveLength(log.length)
    expect(await codeOfAsync(() => inflate(zipped, { maxInflatedBytes: log.length - 1 }))).toBe(
      'object.inflates-too-much',
    )
  })

  test('restores what was zipped, in any number of members', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }), async (members) => {
        const bytes = await inflate(Buffer.concat(members.map((member) => gzipSync(member))))
        expect(bytes.equals(Buffer.concat(members))).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})

describe('streams', () => {
  test('passes a bomb to the sink only up to the limit', async () => {
    let taken = 0
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    await codeOfAsync(() => inflateStream([bomb], (chunk) => void (taken += chunk.length), limit))
    expect(taken).toBeLessThanOrEqual(limit.maxInflatedBytes)
    expect(taken).toBeGreaterThan(0)
  })

  test('inflates 300 streams at once', async () => {
    const results = await Promise.all(Array.from({ length: 300 }, () => streamed(zipped, 4096)))
    expect(results.every((bytes) => bytes.equals(log))).toBe(true)
  })

  test('500 failures of all kinds leave room for another stream', async () => {
    const broken = [zipped.subarray(0, 5000), withWrongByte(zipped, 3000), Buffer.concat([zipped, log])]
    for (let round = 0; round < 100; round++) {
      for (const bytes of broken) expect(await codeOfAsync(() => streamed(bytes, 4096))).not.toBe('none')
      expect(await codeOfAsync(() => streamed(zipped, 4096, { maxInflatedBytes: 10 }))).toBe('object.inflates-too-much')
      const failingSink = inflateStream([zipped], () => Promise.reject(new Error('sink')), limit)
      await expect(failingSink).rejects.toThrow('sink')
    }
    expect((await streamed(zipped, 4096)).equals(log)).toBe(true)
  })

  test('fails if the source fails, and frees its slot', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield zipped.subarray(0, 5000)
      throw new Error('reset')
    }
    for (let n = 0; n < 120; n++)
      await expect(inflateStream(failing(), () => undefined, limit)).rejects.toThrow('reset')
    expect((await streamed(zipped, 4096)).equals(log)).toBe(true)
  })

  test('a slow sink slows the source down', async () => {
    const big = gzipSync(Buffer.alloc(3_000_000, 'abcdefgh'), { level: 0 })
    let given = 0
    let taken = 0
    let furthestAhead = 0
    function* source(): Generator<Uint8Array> {
      for (const piece of inPieces(big, 4096)) {
        given += piece.length
        furthestAhead = Math.max(furthestAhead, given - taken)
        yield piece
      }
    }
    await inflateStream(
      source(),
      async (chunk) => {
        await new Promise((resolve) => setImmediate(resolve))
        taken += chunk.length
      },
      limit,
    )
    expect(furthestAhead).toBeLessThan(100_000)
  })
})

function withWrongByte(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8((copy.readUInt8(at) + 1) % 256, at)
  return copy
}

function withName(bytes: Buffer): Buffer {
  const header = Buffer.from(bytes.subarray(0, 10))
  header.writeUInt8(0x08, 3)
  return Buffer.concat([header, Buffer.from('log.json\0'), bytes.subarray(10)])
}
