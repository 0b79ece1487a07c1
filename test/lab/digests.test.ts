import { createHash, createPublicKey, createVerify } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Bucket } from '../../src/lab/stored-bucket.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { addSamples } from '../../src/lab/samples.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { digestStringToSign, type SignedDigestParts } from '../../src/records/digest.ts'
import { parseKey } from '../../src/trail/key.ts'

interface Digest extends SignedDigestParts {
  readonly digestPublicKeyFingerprint: string
  readonly previousDigestS3Object: string | null
  readonly previousDigestHashValue: string | null
  readonly newestEventTime: string | null
  readonly logFiles: readonly { s3Object: string; hashValue: string }[]
}

const bucket = new Bucket({ name: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1' }, () => 0)
const day = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 2) }
const summary = await addSamples(bucket, { prefix: '' }, seededRandom(1), {
  objects: 40,
  logAccounts: ['222222222222' as AccountId],
  regions: ['us-east-1'],
  window: day,
  digests: true,
  foreign: false,
})
const keysOf = (isDigest: boolean) => {
  return bucket.keys().filter((key) => (parseKey(key, { prefix: '' })?.kind === 'digest') === isDigest)
}
const read = (key: string) => gunzipSync(bucket.get(key)?.body ?? '')
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const digests = keysOf(true).map((key) => ({
  key,
  json: read(key),
  digest: JSON.parse(read(key).toString()) as Digest,
}))

test('makes one digest an hour, also if nothing was delivered', () => {
  expect([summary.digests, digests.length]).toEqual([24, 24])
  const empty = digests.filter(({ digest }) => digest.logFiles.length === 0)
  expect(empty.every(({ digest }) => digest.newestEventTime === null)).toBe(true)
})

test('every log is in one digest, with the hash of its unzipped bytes', () => {
  const listed = digests.flatMap(({ digest }) => digest.logFiles)
  expect(listed.map(({ s3Object }) => s3Object).toSorted()).toEqual(keysOf(false).toSorted())
  expect(listed.every(({ s3Object, hashValue }) => hashValue === sha256(read(s3Object)))).toBe(true)
})

test('every digest names the previous one, its hash and its signature', () => {
  for (const [index, { digest }] of digests.entries()) {
    const before = digests[index - 1]
    expect(digest.previousDigestS3Object).toBe(before?.key ?? null)
    expect(digest.previousDigestHashValue).toBe(before === undefined ? null : sha256(before.json))
    expect(digest.previousDigestSignature).toBe(
      before === undefined ? null : bucket.get(before.key)?.metadata['signature'],
    )
  }
})

test('every signature is valid for the key that the digest names', () => {
  const der = summary.digestKeyPair?.publicKeyDer ?? Buffer.alloc(0)
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'pkcs1' })
  for (const { key, json, digest } of digests) {
    expect(digest.digestPublicKeyFingerprint).toBe(createHash('md5').update(der).digest('hex'))
    const verify = createVerify('RSA-SHA256').update(digestStringToSign(digest, sha256(json)))
    expect(verify.verify(publicKey, bucket.get(key)?.metadata['signature'] ?? '', 'hex')).toBe(true)
  }
})
