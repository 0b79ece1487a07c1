import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { BucketAdmin } from '../../src/s3/bucket-admin.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { type ObjectVersion, type VersionPage, versionPage } from '../../src/s3/version-page.ts'
import { compareKeys } from '../../src/trail/key-order.ts'
import { labCalls, owner, useLab } from './admin-lab.ts'
import { awkward } from './awkward.ts'

let lab: Lab
let http: HttpClient
let nowMs = Date.parse('2026-11-01T00:00:00Z')

beforeAll(async () => {
  // Every put is one second after the previous one.
  lab = await startLab({ now: () => nowMs })
  http = createHttpClient({ env: {} })
})
afterAll(async () => {
  await http.close()
  await lab.stop()
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

async function all(name: string, prefix: string): Promise<ObjectVersion[]> {
  useLab(lab)
  const admin = new BucketAdmin(labCalls(lab, http, name).options)
  const versions: ObjectVersion[] = []
  let next: VersionPage['next']
  do {
    const page = await admin.versionPage({ prefix, ...next })
    versions.push(...page.versions)
    next = page.next
  } while (next !== undefined)
  return versions
}

describe('a listing of versions', () => {
  it('has versions and markers of any key in one order, and the newest of a key first', async () => {
    nowMs = Date.now()
    const bucket = lab.addBucket({ name: 'versions', owner, region: 'us-east-1', versioned: true })
    const expected = new Map<string, string[]>()
    for (const key of awkward) {
      const ids: string[] = []
      for (const act of ['put', 'delete', 'put', 'put', 'delete'] as const) {
        nowMs += 1000
        const version = act === 'put' ? bucket.put(key, `body ${ids.length}`) : bucket.delete(key)
        ids.unshift(String(version?.versionId))
      }
      expected.set(key, ids)
    }
    nowMs = Date.now()
    const listed = await all('versions', '')
    const sorted = [...awkward].sort(compareKeys)
    expect(listed.map(({ key, versionId }) => [key, versionId])).toEqual(
      sorted.flatMap((key) => (expected.get(key) ?? []).map((id) => [key, id])),
    )
    expect(listed.slice(0, 2)).toMatchObject([
      { isLatest: true, isDeleteMarker: true, etag: '', sizeBytes: 0 },
      { isLatest: false, isDeleteMarker: false, etag: bucket.versions(sorted[0] ?? '')[1]?.etag, sizeBytes: 6 },
    ])
  })

  it('continues within the versions of a key, over any number of pages', async () => {
    nowMs = Date.now()
    const bucket = lab.addBucket({ name: 'paged', owner, region: 'us-east-1', versioned: true })
    for (let index = 0; index < 1700; index++) bucket.put('one key+%41', 'x')
    for (let index = 0; index < 700; index++) bucket.put(`two/${index}`, 'x')
    const listed = await all('paged', '')
    expect(new Set(listed.map(({ key, versionId }) => `${key} ${versionId}`)).size).toBe(2400)
    expect((await all('paged', 'two/')).length).toBe(700)
  })

  it('gives an object from before versioning the version ID null', async () => {
    nowMs = Date.now()
    lab.addBucket({ name: 'plain', owner, region: 'us-east-1' }).put('k', 'x')
    expect(await all('plain', '')).toMatchObject([{ key: 'k', versionId: 'null', isLatest: true }])
  })
})

const empty = { $metadata: {}, IsTruncated: false }

describe('an answer of versions', () => {
  it('that does not say whether it is truncated is rejected', () => {
    expect(() => versionPage({ $metadata: {} }, { prefix: '' })).toThrow(
      expect.objectContaining({ code: 'bucket.malformed-answer' }),
    )
  })

  it('that is truncated without a marker is rejected', () => {
    expect(() => versionPage({ ...empty, IsTruncated: true }, { prefix: '' })).toThrow(
      expect.objectContaining({ code: 'bucket.malformed-answer' }),
    )
  })

  it('with a key or folder that was not requested belongs to another listing', () => {
    const version = { Key: 'b/1', VersionId: 'v', LastModified: new Date(0), Size: 1, IsLatest: true }
    const others = [{ Versions: [version] }, { DeleteMarkers: [version] }, { CommonPrefixes: [{ Prefix: 'a/b/' }] }]
    for (const other of others) {
      expect(() => versionPage({ ...empty, ...other }, { prefix: 'a/' })).toThrow(
        expect.objectContaining({ code: 'bucket.wrong-page' }),
      )
    }
  })

  it('of another listing is requested again, and fails if that continues', async () => {
    lab.addBucket({ name: 'mixed-up', owner, region: 'us-east-1', versioned: true }).put('a/k', 'x')
    lab.setFaults({ rules: [{ fault: 'otherListing', probability: 1, times: 2 }] })
    expect((await all('mixed-up', 'a/')).map(({ key }) => key)).toEqual(['a/k'])
    lab.setFaults({ rules: [{ fault: 'otherListing', probability: 1 }] })
    for (const prefix of ['a/', 'b/', '']) {
      await expect(all('mixed-up', prefix)).rejects.toMatchObject({ code: 'bucket.wrong-page' })
    }
    lab.setFaults({})
  })

  it('that makes no progress is an error', () => {
    const output = { ...empty, IsTruncated: true, NextKeyMarker: 'k', NextVersionIdMarker: 'v' }
    expect(() => versionPage(output, { prefix: '', keyMarker: 'k', versionIdMarker: 'v' })).toThrow(
      expect.objectContaining({ code: 'bucket.listing-loops' }),
    )
  })

  it('continues after its last key, whether a server encodes the marker or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.boolean(), (key, encodes) => {
        const encoded = encodeURIComponent(key)
        const version = { Key: encoded, VersionId: 'v', LastModified: new Date(0), Size: 1, IsLatest: true }
        const output = {
          ...empty,
          EncodingType: 'url' as const,
          IsTruncated: true,
          Versions: [version],
          NextKeyMarker: encodes ? encoded : key,
        }
        expect(versionPage(output, { prefix: '' }).next?.keyMarker).toBe(key)
      }),
    )
  })
})
