import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { labBucket, labMfaCode, labMfaSerial } from '../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { BucketAdmin } from '../../src/s3/bucket-admin.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { awkward } from './awkward.ts'
import { labCalls, owner, useLab } from './admin-lab.ts'

let lab: Lab
let http: HttpClient

beforeAll(async () => {
  lab = await startLab()
  http = createHttpClient({ env: {}, stallTimeoutMs: 400 })
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

describe('a head', () => {
  it("returns size, ETag, class, encryption, full-object checksums and the object's own headers", async () => {
    lab.bucket().put('k', 'body', {
      withCrc32: true,
      storageClass: 'STANDARD_IA',
      contentType: 'application/json',
      contentEncoding: 'gzip',
      metadata: { signature: 'abcd' },
    })
    const { lastModifiedMs, ...head } = (await admin().head('k')) ?? { lastModifiedMs: 0 }
    expect(Math.abs(Date.now() - lastModifiedMs)).toBeLessThan(60_000)
    expect(head).toEqual({
      sizeBytes: 4,
      etag: '841a2d689ad86bd1611447453c22c6fc',
      storageClass: 'STANDARD_IA',
      encryption: 'AES256',
      checksums: { crc32: lab.bucket().get('k')?.checksums['crc32'] },
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-amz-meta-signature': 'abcd' },
    })
  })

  it('omits a checksum of checksums', async () => {
    lab.bucket().put('k', 'body', { checksums: { crc32: 'AAAAAA==-2' }, checksumType: 'COMPOSITE' })
    expect((await admin().head('k'))?.checksums).toEqual({})
  })

  it.each(awkward)('works for the key %j', async (key) => {
    lab.bucket().put(key, key)
    expect((await admin().head(key))?.sizeBytes).toBe(Buffer.byteLength(key))
  })

  it('is undefined if there is no object', async () => {
    expect(await admin().head('gone')).toBeUndefined()
  })

  it('is undefined for a delete marker', async () => {
    const bucket = lab.addBucket({ name: 'versioned-head', owner, region: 'us-east-1', versioned: true })
    bucket.put('k', 'x')
    const marker = bucket.delete('k')
    expect(await admin('versioned-head').head('k')).toBeUndefined()
    expect(await admin('versioned-head').head('k', { versionId: marker?.versionId })).toBeUndefined()
  })

  it('fails if it is refused and the key is listed', async () => {
    lab.bucket().put('k', 'x')
    lab.setFaults({
      rules: [
        {
          fault: { status: 403, code: 'AccessDenied', message: 'Access Denied' },
          probability: 1,
          operations: ['HeadObject'],
        },
      ],
    })
    await expect(admin().head('k')).rejects.toMatchObject({ code: 'access.object-denied' })
    expect(await admin().head('never')).toBeUndefined()
  })
})

describe('every call', () => {
  it('names the expected owner, and the payer if configured', async () => {
    lab.addBucket({ name: 'paid-for', owner, region: 'us-east-1', requesterPays: true }).put('k', 'x')
    const paying = new BucketAdmin(labCalls(lab, http, 'paid-for', { requesterPays: true }).options)
    await paying.head('k')
    await paying.versionPage({ prefix: '' })
    await paying.deleteObjects([{ key: 'k' }])
    await paying.protection()
    const seen = lab.requests
      .recent()
      .map(({ operation, headers }) => [
        operation,
        headers['x-amz-expected-bucket-owner'],
        headers['x-amz-request-payer'],
      ])
    expect(seen).toEqual([
      ['HeadObject', owner, 'requester'],
      ['ListObjectVersions', owner, 'requester'],
      ['DeleteObjects', owner, 'requester'],
      ['GetBucketVersioning', owner, 'requester'],
      ['GetObjectLockConfiguration', owner, 'requester'],
    ])
  })

  it('is refused for a bucket of another owner', async () => {
    const other = labCalls(lab, http, labBucket, { owner: '999999999999' as AccountId }).options
    await expect(new BucketAdmin(other).protection()).rejects.toMatchObject({ code: 'access.protection-denied' })
    await expect(new BucketAdmin(other).deleteObjects([{ key: 'k' }])).rejects.toMatchObject({
      code: 'access.delete-denied',
    })
  })

  it('finds a bucket in another region once for all calls', async () => {
    lab.addBucket({ name: 'far-away', owner, region: 'eu-central-1' }).put('k', 'x')
    const far = admin('far-away')
    expect((await far.head('k'))?.sizeBytes).toBe(1)
    expect((await far.versionPage({ prefix: '' })).versions.length).toBe(1)
    expect(lab.requests.count('ListObjectVersions')).toBe(1)
  })

  it('renews an expired session once, also after a HEAD without a document', async () => {
    lab.bucket().put('k', 'x')
    const { options, renewed } = labCalls(lab, http)
    lab.setFaults({ rules: [{ fault: 'expiredToken', probability: 1, times: 1 }] })
    expect((await new BucketAdmin(options).versionPage({ prefix: '' })).versions.length).toBe(1)
    lab.setFaults({ rules: [{ fault: 'expiredToken', probability: 1, times: 1 }] })
    expect((await new BucketAdmin(options).head('k'))?.sizeBytes).toBe(1)
    expect(renewed.length).toBe(2)
  })

  it('fails without a loop if the session stays expired', async () => {
    const { options, renewed } = labCalls(lab, http)
    lab.setFaults({ rules: [{ fault: 'expiredToken', probability: 1 }] })
    await expect(new BucketAdmin(options).protection()).rejects.toMatchObject({ code: 'access.session-expired' })
    expect(renewed.length).toBe(options.maxAttempts)
  })

  it('renews at most twice for a HEAD with an unexplained 400', async () => {
    lab.bucket().put('k', 'x')
    const { options, renewed } = labCalls(lab, http)
    lab.setFaults({ rules: [{ fault: 'expiredToken', probability: 1, times: 2 }] })
    expect((await new BucketAdmin(options).head('k'))?.sizeBytes).toBe(1)
    lab.setFaults({ rules: [{ fault: 'expiredToken', probability: 1 }] })
    await expect(new BucketAdmin(options).head('k')).rejects.toMatchObject({ code: 'bucket.refused' })
    expect(renewed.length).toBe(4)
  })

  it('signs with the current keys', async () => {
    const { options } = labCalls(lab, http)
    let keys = { ...lab.principals.admin, accessKeyId: 'AKIAUNKNOWNUNKNOWN00' }
    const changing = new BucketAdmin({ ...options, keys: { current: () => keys, renew: () => Promise.resolve(keys) } })
    await expect(changing.protection()).rejects.toMatchObject({ code: 'access.invalid-key' })
    keys = lab.principals.admin
    expect((await changing.protection()).versioning).toBe('off')
  })

  it.each([
    'slowDown',
    'internalError',
    'resetBeforeHeaders',
    'resetMidBody',
    'shortBody',
    'stall',
    'emptyBody',
    'malformedXml',
    'truncatedXml',
  ] as const)('is repeated after %s', async (fault) => {
    lab.bucket().putShared(['a', 'b', 'c'], 'x')
    lab.setFaults({ rules: [{ fault, probability: 1, times: 2, operations: ['ListObjectVersions'] }] })
    const { versions } = await admin().versionPage({ prefix: '' })
    expect(versions.map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    expect(lab.requests.count('ListObjectVersions')).toBe(3)
  })

  it('fails when it has no attempts left', async () => {
    lab.setFaults({ rules: [{ fault: 'internalError', probability: 1 }] })
    await expect(admin().protection()).rejects.toMatchObject({ code: 'bucket.server-error' })
    expect(lab.requests.count('GetBucketVersioning')).toBe(4)
  })

  it('ends with its signal', async () => {
    lab.setFaults({ rules: [{ fault: 'stall', probability: 1, operations: ['GetBucketVersioning'] }] })
    await expect(admin().protection(AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'interrupted' })
  })
})

describe('a restore', () => {
  it('is requested, in progress, then readable', async () => {
    lab.bucket().put('k', 'x', { storageClass: 'GLACIER' })
    const thaw = { days: 3, tier: 'bulk' } as const
    expect(await admin().thaw('k', thaw)).toBe('requested')
    expect(await admin().thaw('k', thaw)).toBe('in-progress')
    lab.bucket().finishRestores()
    expect(await admin().thaw('k', thaw)).toBe('readable')
  })

  it('reports an object as readable that is not archived', async () => {
    lab.bucket().put('k', 'x')
    expect(await admin().thaw('k', { days: 3, tier: 'standard' })).toBe('readable')
  })

  it('sends no days for an archive tier', async () => {
    lab.bucket().put('k', 'x', { storageClass: 'INTELLIGENT_TIERING', isArchivedTier: true })
    const thaw = { days: 3, tier: 'standard', storageClass: 'INTELLIGENT_TIERING' } as const
    expect(await admin().thaw('k', thaw)).toBe('requested')
  })

  it('fails for a key that no longer exists', async () => {
    await expect(admin().thaw('gone', { days: 1, tier: 'bulk' })).rejects.toMatchObject({ code: 'object.gone' })
  })
})

describe('the protection of a bucket', () => {
  it('is read from the bucket', async () => {
    lab.addBucket({ name: 'locked', owner, region: 'us-east-1', objectLock: true })
    lab.addBucket({ name: 'mfa-guarded', owner, region: 'us-east-1', versioned: true, mfaDelete: true })
    lab.addBucket({ name: 'paused', owner, region: 'us-east-1', versioned: true }).versioning = 'Suspended'
    expect(await admin().protection()).toEqual({ versioning: 'off', mfaDelete: false, objectLock: false })
    expect(await admin('locked').protection()).toEqual({ versioning: 'enabled', mfaDelete: false, objectLock: true })
    expect(await admin('mfa-guarded').protection()).toEqual({
      versioning: 'enabled',
      mfaDelete: true,
      objectLock: false,
    })
    expect(await admin('paused').protection()).toEqual({ versioning: 'suspended', mfaDelete: false, objectLock: false })
  })

  it.each(['GetBucketVersioning', 'GetObjectLockConfiguration'])(
    'never counts as off if %s is denied',
    async (operation) => {
      const fault = { status: 403, code: 'AccessDenied', message: 'Access Denied' }
      lab.setFaults({ rules: [{ fault, probability: 1, operations: [operation] }] })
      await expect(admin().protection()).rejects.toMatchObject({ code: 'access.protection-denied' })
    },
  )

  it('never counts as off if the answer is empty', async () => {
    lab.setFaults({ rules: [{ fault: 'emptyBody', probability: 1, operations: ['GetBucketVersioning'] }] })
    await expect(admin().protection()).rejects.toMatchObject({ code: 'bucket.malformed-answer' })
  })
})

describe('the lock of a version', () => {
  it('has its retention and its legal hold', async () => {
    const bucket = lab.addBucket({ name: 'lock-of', owner, region: 'us-east-1', objectLock: true })
    const untilMs = Math.floor(Date.now() / 1000) * 1000 + 86_400_000
    const plain = bucket.put('plain', 'x')
    const kept = bucket.put('kept', 'x', { retention: { mode: 'COMPLIANCE', untilMs } })
    const governed = bucket.put('governed', 'x', { retention: { mode: 'GOVERNANCE', untilMs }, legalHold: true })
    expect(await admin('lock-of').lockOf('plain', plain.versionId)).toEqual({
      mode: undefined,
      retainUntilMs: undefined,
      legalHold: false,
    })
    expect(await admin('lock-of').lockOf('kept', kept.versionId)).toEqual({
      mode: 'compliance',
      retainUntilMs: untilMs,
      legalHold: false,
    })
    expect(await admin('lock-of').lockOf('governed', governed.versionId)).toEqual({
      mode: 'governance',
      retainUntilMs: untilMs,
      legalHold: true,
    })
  })

  it('is empty in a bucket without Object Lock', async () => {
    lab.bucket().put('k', 'x')
    expect(await admin().lockOf('k', 'null')).toEqual({ mode: undefined, retainUntilMs: undefined, legalHold: false })
  })
})

describe('MFA Delete', () => {
  it('is required, and satisfied by serial number and code', async () => {
    const bucket = lab.addBucket({ name: 'mfa-delete', owner, region: 'us-east-1', versioned: true, mfaDelete: true })
    const { versionId } = bucket.put('k', 'x')
    const items = [{ key: 'k', versionId }]
    await expect(admin('mfa-delete').deleteObjects(items)).rejects.toMatchObject({ code: 'access.mfa-required' })
    const { answered } = await admin('mfa-delete').deleteObjects(items, { mfa: `${labMfaSerial} ${labMfaCode}` })
    expect(answered).toEqual([{ status: 'deleted', item: items[0] }])
    expect(bucket.keysWithVersions()).toEqual([])
  })
})
