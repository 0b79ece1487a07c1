import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { headFacts } from '../../src/s3/head-facts.ts'
import { openLabBucket } from '../lab-bucket.ts'

let lab: Lab
let opened: ReturnType<typeof openLabBucket>

beforeAll(async () => {
  lab = await startLab()
  opened = openLabBucket(lab)
})
afterAll(async () => {
  await opened.close()
  await lab.stop()
})
beforeEach(() => lab.requests.clear())
afterEach(() => lab.setFaults({}))

const refusal = { status: 403, code: 'AccessDenied', message: 'no' }
const listed = async (key: string) =>
  (await opened.bucket.listPage({ prefix: key })).objects.find((each) => each.key === key)

describe('finding one object', () => {
  it.each(['k', 'a b/+k?&=%', 'ключ/日志'])('gives the facts that a listing has of %s, for one HEAD', async (key) => {
    lab.bucket().put(key, '0123456789')
    const found = await opened.bucket.find(key)
    expect(lab.requests.recent('HeadObject')).toHaveLength(1)
    expect(lab.requests.recent('ListObjectsV2')).toHaveLength(0)
    const inListing = await listed(key)
    // The header has no milliseconds.
    expect(found?.object).toEqual({ ...inListing, lastModifiedMs: expect.any(Number) as number })
    expect(Math.abs((found?.object.lastModifiedMs ?? 0) - (inListing?.lastModifiedMs ?? 0))).toBeLessThan(1000)
    expect(Math.abs((found?.answeredAtMs ?? 0) - Date.now())).toBeLessThan(5000)
  })

  it('gives undefined for a key that the bucket does not have', async () => {
    lab.bucket().put('key-and-more', 'x')
    expect(await opened.bucket.find('key')).toBeUndefined()
  })

  it('asks a listing if the HEAD is refused', async () => {
    lab.bucket().put('k', '0123456789')
    lab.setFaults({ hook: ({ operation }) => (operation === 'HeadObject' ? refusal : undefined) })
    expect((await opened.bucket.find('k'))?.object).toEqual(await listed('k'))
  })

  it('fails as a listing if that is refused, too', async () => {
    lab.setFaults({ hook: () => refusal })
    await expect(opened.bucket.find('k')).rejects.toMatchObject({ code: 'access.list-denied' })
  })

  it.each(['slowDown', 'internalError', 'resetBeforeHeaders'] as const)('is repeated after %s', async (fault) => {
    lab.bucket().put('k', '0123456789')
    lab.setFaults({ rules: [{ fault, probability: 1, times: 2 }] })
    expect((await opened.bucket.find('k'))?.object.sizeBytes).toBe(10)
  })

  it('ends with its signal', async () => {
    lab.setFaults({ hook: () => ({ latencyMs: 5000 }) })
    await expect(opened.bucket.find('k', AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'interrupted' })
  })
})

describe('the facts of a HEAD', () => {
  const headers = {
    'content-length': '7',
    etag: '"0123456789abcdef0123456789abcdef"',
    'last-modified': 'Mon, 30 Nov 2026 10:00:00 GMT',
    date: 'Mon, 30 Nov 2026 10:00:01 GMT',
  }
  const read = (more: Readonly<Record<string, string | undefined>>, status = 200) =>
    headFacts('k', { status, headers: { ...headers, ...more }, body: Buffer.alloc(0) }, 0)

  it('say whether a restored copy can be read', () => {
    expect(read({})?.object.restored).toBeUndefined()
    const expiry = 'expiry-date="Fri, 21 Dec 2026 00:00:00 GMT"'
    const ready = { 'x-amz-storage-class': 'GLACIER', 'x-amz-restore': `ongoing-request="false", ${expiry}` }
    expect(read(ready)?.object).toMatchObject({ storageClass: 'GLACIER', restored: true })
    expect(read({ ...ready, 'x-amz-restore': 'ongoing-request="true"' })?.object.restored).toBe(false)
  })

  it.each(['content-length', 'etag', 'last-modified'])('are not enough without %s', (name) => {
    expect(read({ [name]: undefined })).toBeUndefined()
    expect(read({ [name]: 'x' })).toBeUndefined()
  })

  it('are none if the answer is an error', () => {
    expect(read({}, 404)).toBeUndefined()
  })
})
