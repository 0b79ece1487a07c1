import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseKey } from '../../../src/trail/key.ts'
import type { DigestKey } from '../../../src/trail/parsed-key.ts'
import {
  checkDigest,
  type DigestRules,
  type FoundDigest,
  noClaims,
  readDigest,
} from '../../../src/verbs/verify/check-digest.ts'
import { DeliveryPlaces } from '../../../src/verbs/verify/delivery-places.ts'
import { PublicKeys } from '../../../src/verbs/verify/public-keys.ts'
import { bucket, digestKey, hour, logAccount, signingKey, type StoredObject, writeChain } from './chain-builder.ts'

const startMs = Date.UTC(2026, 10, 3, 14, 1, 31)
const endMs = startMs + hour
const signer = signingKey(startMs - hour, startMs + 30 * hour)
const late = signingKey(endMs + hour, endMs + 30 * hour)
const tooLate = signingKey(endMs + 3 * hour, endMs + 30 * hour)

function found(change: Partial<FoundDigest> = {}, by = signer, backfill = false): FoundDigest {
  const objects = new Map<string, StoredObject>()
  const [key = ''] = writeChain(objects, { startMs, periods: [1], keyOf: () => by, backfill })
  const object = objects.get(key)
  const parts = parseKey(key, { prefix: '' }) as DigestKey
  return {
    bucket,
    key,
    parts,
    body: object?.body ?? Buffer.alloc(0),
    signature: object?.signature,
    signatureAlgorithm: object?.algorithm,
    backfillGeneratedMs: object?.generatedMs,
    ...change,
  }
}

function checked(digest: FoundDigest, rules: Partial<DigestRules> = {}) {
  const publicKeys = new PublicKeys([signer, late, tooLate].map((key) => key.public))
  const all: DigestRules = {
    findKeys: (region, fingerprint) => publicKeys.find(region, fingerprint),
    places: new DeliveryPlaces(),
    keepsSignatures: true,
    mayBePlain: false,
    ...rules,
  }
  return checkDigest(readDigest(digest, all), all, noClaims)
}

const codes = (digest: FoundDigest, rules: Partial<DigestRules> = {}) =>
  checked(digest, rules).findings.map(({ code }) => code)

/** The digest with other text, so that its signature is wrong too. */
function rewritten(change: (text: string) => string): FoundDigest {
  const digest = found()
  return { ...digest, body: gzipSync(change(gunzipSync(digest.body).toString())) }
}

describe('a digest', () => {
  test('that is as CloudTrail wrote it is proven, and its key is known', () => {
    const { state, findings, publicKey, isInPlace } = checked(found())
    expect({ state, findings, isInPlace }).toEqual({ state: 'proven', findings: [], isInPlace: true })
    expect(publicKey?.fingerprint).toBe(signer.public.fingerprint)
  })

  test('with a signature in capital letters is proven', () => {
    const digest = found()
    expect(codes({ ...digest, signature: digest.signature?.toUpperCase() })).toEqual([])
  })

  test('without a signature, with a wrong one, or with one that is no hexadecimal text is not proven', () => {
    expect(codes(found({ signature: undefined }))).toEqual(['verify.signature-missing'])
    for (const signature of ['', 'ab', 'x'.repeat(512), '0'.repeat(512)]) {
      expect(codes(found({ signature }))).toEqual(['verify.signature-wrong'])
    }
  })

  test('of another algorithm is not proven', () => {
    const other = found({ signatureAlgorithm: 'SHA1withRSA' })
    expect(checked(other).state).toBe('unproven')
    expect(codes(other)).toEqual(['verify.algorithm'])
    expect(codes(rewritten((text) => text.replace('SHA256withRSA', 'SHA1withRSA')))).toEqual(['verify.algorithm'])
    expect(codes(rewritten((text) => text.replace('"SHA-256"', '"MD5"')))).toEqual([
      'verify.algorithm',
      'verify.signature-wrong',
    ])
  })

  test('may be signed until two hours after its period', () => {
    expect(codes(found({}, late))).toEqual([])
    expect(codes(found({}, tooLate))).toEqual(['verify.key-not-valid'])
  })

  test('of a backfill may be signed when it was written', () => {
    expect(codes(found({}, tooLate, true))).toEqual([])
    expect(codes(found({ backfillGeneratedMs: undefined }, tooLate, true))).toEqual([])
    expect(codes(found({ backfillGeneratedMs: endMs + 90 * hour }, tooLate, true))).toEqual(['verify.key-not-valid'])
  })

  test('whose key is unknown, or known in another region, is not proven', () => {
    expect(codes(found(), { findKeys: () => [] })).toEqual(['verify.unknown-key'])
    const elsewhere = new PublicKeys([{ ...signer.public, region: 'eu-west-1' }])
    expect(codes(found(), { findKeys: (region, name) => elsewhere.find(region, name) })).toEqual(['verify.unknown-key'])
  })

  test('that is no digest is malformed', () => {
    for (const body of [Buffer.from('{}'), gzipSync('{}'), gzipSync('x'), Buffer.alloc(0)]) {
      expect(codes(found({ body }))).toEqual(['verify.digest-malformed'])
    }
    expect(codes(rewritten((text) => `${text}{}`))).toEqual(['verify.digest-malformed'])
    expect(codes(rewritten((text) => text.replace('15:01:31Z', '13:01:31Z')))).toContain('verify.digest-malformed')
  })

  test('that was unzipped is proven in a mirror that unzips', () => {
    const digest = found()
    const unzipped = { ...digest, key: digest.key.replace('.gz', ''), body: gunzipSync(digest.body) }
    expect(codes(unzipped)).toEqual(['verify.digest-malformed'])
    expect(codes(unzipped, { mayBePlain: true })).toEqual([])
  })
})

describe('a digest in another place', () => {
  const at = (key: string, place: string | undefined = bucket) =>
    found({ bucket: place, key, parts: parseKey(key, { prefix: '' }) as DigestKey })

  test('of its chain was renamed, and of another chain belongs there', () => {
    const renamed = checked(at(digestKey('audit', endMs + hour)))
    expect(renamed).toMatchObject({ state: 'proven', isInPlace: false })
    expect(renamed.findings.map(({ code }) => code)).toEqual(['verify.digest-misplaced'])
    expect(codes(at(digestKey('other', endMs)))).toEqual(['verify.digest-of-other-chain'])
    const account = digestKey('audit', endMs).replaceAll(logAccount, '444455556666')
    expect(codes(at(account))).toEqual(['verify.digest-of-other-chain', 'verify.digest-of-other-chain'])
  })

  test('of another bucket or prefix was moved, and is proven by what it records', () => {
    const moved = checked(found({ bucket: 'archive' }))
    expect(moved).toMatchObject({ state: 'proven', isInPlace: true })
    expect(moved.findings[0]?.message).toBe(
      `the digest ${moved.key} was moved to s3://archive/AWSLogs/: it records that it was delivered as ${bucket}/${moved.key}`,
    )
    expect(codes(found({ key: `old/${found().key}` }))).toEqual(['verify.digest-misplaced'])
  })

  test('is no finding if the place it comes from was named', () => {
    const from = (base: string) => ({ places: new DeliveryPlaces([{ bucket, base }]) })
    const digest = found({ bucket: 'archive', key: `old/${found().key}` })
    expect(codes(digest, from('AWSLogs/'))).toEqual([])
    expect(codes(digest, from('other/AWSLogs/'))).toEqual(['verify.digest-misplaced'])
  })

  test('is no finding behind the alias of an access point', () => {
    expect(codes(found({ bucket: 'point-abc-s3alias' }))).toEqual([])
  })

  test('of a mirror is no finding if the whole mirror agrees', () => {
    const places = new DeliveryPlaces()
    expect(codes(found({ bucket: undefined, key: `copy/${found().key}` }), { places })).toEqual([])
    expect(codes(found({ bucket: undefined }), { places })).toEqual([])
    expect([...places.recorded]).toEqual([[`s3://${bucket}/AWSLogs/`, 2]])
    const other = new DeliveryPlaces()
    other.accepts({ bucket: undefined, base: '' }, { bucket: 'first', base: 'AWSLogs/' })
    expect(codes(found({ bucket: undefined }), { places: other })).toEqual(['verify.digest-misplaced'])
  })

  test('does not decide about a mirror before it is proven', () => {
    const places = new DeliveryPlaces()
    const forged = rewritten((text) => text.replaceAll(bucket, 'forged-bucket'))
    expect(codes({ ...forged, bucket: undefined }, { places })).toEqual(['verify.signature-wrong'])
    expect(codes(found({ bucket: undefined }), { places })).toEqual([])
  })
})
