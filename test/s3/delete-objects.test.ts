import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { BucketAdmin } from '../../src/s3/bucket-admin.ts'
import type { DeleteItem } from '../../src/s3/delete-answers.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { isPassing } from '../../src/s3/retry.ts'
import { labCalls, owner, useLab } from './admin-lab.ts'
import { awkward } from './awkward.ts'

let lab: Lab
let http: HttpClient

beforeAll(async () => {
  lab = await startLab()
  http = createHttpClient({ env: {}, stallTimeoutMs: 400 })
  lab.addBucket({ name: 'versioned', owner, region: 'us-east-1', versioned: true })
  lab.addBucket({ name: 'locked', owner, region: 'us-east-1', objectLock: true })
})
afterAll(async () => {
  await http.close()
  await lab.stop()
})
beforeEach(() => {
  useLab(lab)
  for (const key of lab.bucket().keys()) lab.bucket().delete(key)
  lab.requests.clear()
})
afterEach(() => {
  lab.setFaults({})
  vi.unstubAllEnvs()
})

function admin(name = labBucket): BucketAdmin {
  return new BucketAdmin(labCalls(lab, http, name).options)
}

function named(keys: readonly string[]): DeleteItem[] {
  return keys.map((key) => ({ key }))
}

describe('a batch delete', () => {
  it('deletes 1,000 in one call, and nothing else', async () => {
    const keys = Array.from({ length: 1001 }, (_, index) => `k${index}`)
    lab.bucket().putShared(keys, 'x')
    const { answered, unanswered } = await admin().deleteObjects(named(keys.slice(1)))
    expect(answered.every(({ status }) => status === 'deleted')).toBe(true)
    expect([answered.length, unanswered.length, lab.requests.count('DeleteObjects')]).toEqual([1000, 0, 1])
    expect(lab.bucket().keys()).toEqual(['k0'])
  })

  it('deletes any key', async () => {
    for (const key of awkward) lab.bucket().put(key, 'x')
    const { answered } = await admin().deleteObjects(named(awkward))
    expect(new Set(answered.map(({ item }) => item.key))).toEqual(new Set(awkward))
    expect(lab.bucket().keys()).toEqual([])
  })

  it('returns a failure for a key that XML does not allow, and deletes the others', async () => {
    lab.bucket().putShared(['a', 'b\u0001'], 'x')
    const { answered } = await admin().deleteObjects(named(['a', 'b\u0001']))
    expect(answered).toMatchObject([
      { status: 'failed', error: { code: 'object.unwritable-key' } },
      { status: 'deleted' },
    ])
    expect(lab.bucket().keys()).toEqual(['b\u0001'])
  })

  it.each([{ key: 'never' }, { key: 'gone', etag: 'd41d8cd98f00b204e9800998ecf8427e' }])(
    'counts an object that no longer exists as deleted: %j',
    async (item) => {
      expect((await admin().deleteObjects([item])).answered).toEqual([{ status: 'deleted', item }])
    },
  )

  it('does not delete an object that was replaced', async () => {
    const { etag } = lab.bucket().put('k', 'old')
    lab.bucket().put('k', 'new')
    const { answered } = await admin().deleteObjects([{ key: 'k', etag }])
    expect(answered).toMatchObject([{ status: 'failed', error: { code: 'object.changed' } }])
    expect(lab.bucket().keys()).toEqual(['k'])
  })

  it('deletes an object that still has its ETag', async () => {
    const { etag } = lab.bucket().put('k', 'old')
    expect((await admin().deleteObjects([{ key: 'k', etag }])).answered).toMatchObject([{ status: 'deleted' }])
    expect(lab.bucket().keys()).toEqual([])
  })

  it('returns the marker that it left', async () => {
    const bucket = lab.bucket('versioned')
    bucket.put('marked', 'x')
    const { answered } = await admin('versioned').deleteObjects([{ key: 'marked' }])
    expect(answered).toEqual([
      { status: 'deleted', item: { key: 'marked' }, markerVersionId: bucket.latest('marked')?.versionId },
    ])
  })

  it('distinguishes versions of one key, and returns no marker that it removed', async () => {
    const bucket = lab.bucket('versioned')
    const versions = [bucket.put('many', '1'), bucket.put('many', '2'), bucket.delete('many')]
    const items = versions.map((version) => ({ key: 'many', versionId: String(version?.versionId) }))
    const { answered } = await admin('versioned').deleteObjects([...items, { key: 'many' }])
    expect(new Set(answered.map(({ item }) => item.versionId))).toEqual(
      new Set([...items.map(({ versionId }) => versionId), undefined]),
    )
    expect(answered.filter((answer) => 'markerVersionId' in answer).map(({ item }) => item)).toEqual([{ key: 'many' }])
  })

  it('reports what Object Lock protects, and bypasses governance on request', async () => {
    const bucket = lab.bucket('locked')
    const untilMs = Date.now() + 86_400_000
    const governed = bucket.put('governed', 'x', { retention: { mode: 'GOVERNANCE', untilMs } })
    const kept = bucket.put('kept', 'x', { retention: { mode: 'COMPLIANCE', untilMs } })
    const items = [
      { key: 'governed', versionId: governed.versionId },
      { key: 'kept', versionId: kept.versionId },
    ]
    const locked = { status: 'failed', error: { code: 'object.locked' } }
    expect((await admin('locked').deleteObjects(items)).answered).toMatchObject([locked, locked])
    const { answered } = await admin('locked').deleteObjects(items, { bypassGovernance: true })
    expect(new Map(answered.map(({ item, status }) => [item.key, status]))).toEqual(
      new Map([
        ['governed', 'deleted'],
        ['kept', 'failed'],
      ]),
    )
  })

  it('returns each temporary failure inside the 200', async () => {
    const keys = ['a', 'b', 'c', 'd']
    lab.bucket().putShared(keys, 'x')
    lab.setFaults({ rules: [{ fault: 'keyErrorInside200', probability: 1 }] })
    const { answered } = await admin().deleteObjects(named(keys))
    const failed = answered.flatMap((answer) => (answer.status === 'failed' ? [answer] : []))
    expect(failed.map(({ item, error }) => [item.key, error.code])).toEqual([
      ['a', 'bucket.server-error'],
      ['c', 'bucket.slow-down'],
    ])
    expect(failed.every(({ error }) => isPassing(error))).toBe(true)
    expect(lab.bucket().keys()).toEqual(['a', 'c'])
  })

  it('returns the items without an answer, deleted or not', async () => {
    const keys = ['a', 'b', 'c', 'd']
    lab.bucket().putShared(keys, 'x')
    lab.setFaults({ rules: [{ fault: 'unansweredKeys', probability: 1 }] })
    const { answered, unanswered } = await admin().deleteObjects(named(keys))
    expect([answered.length, unanswered]).toEqual([2, named(['a', 'c'])])
    expect(lab.bucket().keys()).toEqual(['c'])
  })

  it.each([
    'slowDown',
    'internalError',
    'resetBeforeHeaders',
    'resetMidBody',
    'shortBody',
    'emptyBody',
    'stall',
  ] as const)('is sent once, and leaves a repetition after %s to the caller', async (fault) => {
    lab.setFaults({ rules: [{ fault, probability: 1 }] })
    const error = await admin()
      .deleteObjects([{ key: 'k' }])
      .catch((caught: unknown) => caught)
    expect(isPassing(error)).toBe(true)
    expect(lab.requests.count('DeleteObjects')).toBe(1)
  })

  it('names the missing right if it is denied', async () => {
    const { options } = labCalls(lab, http)
    const keys = { current: () => lab.principals.bAudit, renew: () => Promise.resolve(lab.principals.bAudit) }
    const outcome = await new BucketAdmin({ ...options, keys }).deleteObjects([{ key: 'k' }]).then(
      ({ answered }) => answered.map((answer) => (answer.status === 'failed' ? answer.error : undefined)),
      (error: unknown) => [error],
    )
    expect(outcome).toMatchObject([{ code: 'access.delete-denied', hint: expect.stringContaining('s3:DeleteObject') }])
  })
})

describe('the answers to a delete', () => {
  it('and the unanswered items together are all items once, for any batch', async () => {
    const item = fc.record({ key: fc.constantFrom('a', 'b', 'c'), versionId: fc.constantFrom(undefined, 'null', 'v1') })
    const { matchDeleteAnswers } = await import('../../src/s3/delete-answers.ts')
    const context = { operation: 'DeleteObjects', bucket: 'b', owner, target: '' } as const
    fc.assert(
      fc.property(fc.array(item), fc.array(item), fc.array(item), (items, deleted, failed) => {
        const { answered, unanswered } = matchDeleteAnswers(
          items,
          {
            Deleted: deleted.map(({ key, versionId }) => ({ Key: key, VersionId: versionId })),
            Errors: failed.map(({ key, versionId }) => ({ Key: key, VersionId: versionId, Code: 'InternalError' })),
          },
          context,
        )
        const all = [...answered.map((answer) => answer.item), ...unanswered]
        expect(all.length).toBe(items.length)
        expect(new Set(all)).toEqual(new Set(items))
      }),
    )
  })
})
