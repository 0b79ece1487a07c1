import { createPublicKey, verify } from 'node:crypto'
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { addSamples, type SampleDigests } from '../../src/lab/samples.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { Bucket } from '../../src/lab/stored-bucket.ts'
import { digestStringToSign, parseDigest } from '../../src/records/digest.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { dayMs, hourMs } from '../../src/trail/calendar.ts'
import { parseKey } from '../../src/trail/key.ts'
import type { TrailLayout } from '../../src/trail/trail.ts'

const fromMs = Date.UTC(2026, 10, 1)
const window = { fromMs, toMs: fromMs + dayMs }

async function chains(
  digests: SampleDigests,
  { layout = { prefix: '' }, toMs = window.toMs }: { layout?: TrailLayout; toMs?: number } = {},
) {
  const bucket = new Bucket({ name: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1' }, () => 0)
  const summary = await addSamples(bucket, layout, seededRandom(1), {
    objects: 100,
    logAccounts: ['222222222222' as AccountId],
    regions: ['us-east-1'],
    window: { fromMs, toMs },
    digests,
    foreign: false,
  })
  const all = bucket.keys().map((key) => ({ key, parts: parseKey(key, layout), object: bucket.get(key) }))
  const found = all.flatMap(({ key, parts, object }) => {
    if (parts?.kind !== 'digest' || object === undefined) return []
    const json = gunzipSync(object.body)
    return [{ key, parts, json, digest: parseDigest(json, key), metadata: object.metadata }]
  })
  const logs = all.filter(({ parts }) => parts?.kind !== 'digest').map(({ key, parts }) => ({ key, parts }))
  const listed = (few = found) => few.flatMap(({ digest }) => digest.logs.map(({ key }) => key))
  return { summary, digests: found, logs, listed }
}

/** Returns the fingerprints of the keys that signed digests, after checking each signature and that its key was valid. */
function signers({ summary, digests }: Awaited<ReturnType<typeof chains>>): string[] {
  return digests.map(({ json, digest, metadata }) => {
    const key = summary.digestKeys?.find(({ fingerprint }) => fingerprint === digest.publicKeyFingerprint)
    const publicKey = createPublicKey({ key: key?.publicKeyDer ?? Buffer.alloc(0), format: 'der', type: 'pkcs1' })
    const text = digestStringToSign(digest, createHash('sha256').update(json).digest('hex'))
    const signature = Buffer.from(metadata['signature'] ?? '', 'hex')
    expect(verify('sha256', Buffer.from(text), publicKey, signature)).toBe(true)
    const signedAtMs = Date.parse(metadata['backfill-generation-timestamp'] ?? digest.digestEndTime)
    expect(key?.validFromMs).toBeLessThanOrEqual(signedAtMs)
    expect(key?.validUntilMs).toBeGreaterThan(signedAtMs)
    return digest.publicKeyFingerprint
  })
}

test('a chain goes on when its key is replaced', async () => {
  const found = await chains({ keys: { lifeMs: 12 * hourMs } })
  const used = signers(found)
  expect([used.length, new Set(used).size]).toEqual([24, 3])
  expect(found.digests.filter(({ digest }) => digest.previous === undefined)).toHaveLength(1)
})

test('two trails deliver into one folder, and each digest lists only logs of its trail', async () => {
  const found = await chains({ trails: [{ name: 'one' }, { name: 'two', homeRegion: 'eu-west-1' }] })
  const of = (name: string) => found.digests.filter(({ parts }) => parts.trailName === name)
  expect([of('one').length, of('two').length]).toEqual([24, 24])
  expect(of('two')[0]?.parts.homeRegion).toBe('eu-west-1')
  expect(found.listed(of('one')).filter((key) => found.listed(of('two')).includes(key))).toEqual([])
  expect(found.listed().toSorted()).toEqual(found.logs.map(({ key }) => key).toSorted())
  signers(found)
})

test('no digest lists the logs of a trail without validation', async () => {
  const found = await chains({ trails: [{ name: 'one' }, { name: 'two', validated: false }] })
  expect(new Set(found.digests.map(({ parts }) => parts.trailName))).toEqual(new Set(['one']))
  expect(found.listed()).toHaveLength(found.logs.length / 2)
})

test('after a pause the chain begins again, and the logs of the pause are not listed', async () => {
  const pause = { fromMs: fromMs + 5 * hourMs, toMs: fromMs + 9 * hourMs }
  const found = await chains({ trails: [{ name: 'one', pauses: [pause] }] })
  expect(
    found.digests.filter(({ digest }) => digest.previous === undefined).map(({ digest }) => digest.startMs),
  ).toEqual([fromMs, pause.toMs - hourMs])
  expect(found.digests).toHaveLength(24 - 3)
  const paused = found.logs.filter(({ parts }) => {
    const at = parts?.deliveredAtMs ?? 0
    return at >= pause.fromMs && at < pause.toMs - hourMs
  })
  expect(paused.length).toBeGreaterThan(0)
  expect(found.listed().filter((key) => paused.some((log) => log.key === key))).toEqual([])
  expect(found.listed()).toHaveLength(found.logs.length - paused.length)
})

test('a backfill is a chain of its own, signed with the key of the time when it was made', async () => {
  const madeAtMs = fromMs + 3 * dayMs
  const backfill = { fromMs: fromMs + 5 * hourMs, toMs: fromMs + 9 * hourMs, madeAtMs }
  const found = await chains({ trails: [{ name: 'one', backfill }], keys: { lifeMs: dayMs } })
  const made = found.digests.filter(({ parts }) => parts.backfill)
  expect(made.map(({ metadata }) => metadata['backfill-generation-timestamp'])).toEqual(
    Array.from({ length: 4 }, () => '2026-11-04T00:00:00Z'),
  )
  expect(made.every(({ key }) => key.endsWith('_backfill.json.gz'))).toBe(true)
  expect(made.map(({ digest }) => digest.previous?.key)).toEqual([undefined, ...made.slice(0, 3).map(({ key }) => key)])
  const [first] = made
  expect(found.digests.find(({ parts }) => !parts.backfill)?.digest.publicKeyFingerprint).not.toBe(
    first?.digest.publicKeyFingerprint,
  )
  signers(found)
  expect(new Set(found.listed()).size).toBe(found.logs.length)
})

test('periods follow the times of the chain, and the stamp of a digest is its end', async () => {
  const found = await chains({ offsetMs: 61_000 + 30_000 })
  expect(found.digests.map(({ digest }) => digest.startMs % hourMs)).toEqual(found.digests.map(() => 91_000))
  expect(found.digests.every(({ parts, digest }) => parts.deliveredAtMs === digest.endMs)).toBe(true)
  expect(found.digests[0]?.key).toMatch(/_20261101T010131Z\.json\.gz$/)
})

test('a log of the last moments of a period may be in the next digest', async () => {
  const found = await chains({ lateMs: 20 * 60_000 })
  const late = found.digests.flatMap(({ digest }) =>
    digest.logs.filter(({ key }) => (parseKey(key, { prefix: '' })?.deliveredAtMs ?? 0) < digest.startMs),
  )
  expect(late.length).toBeGreaterThan(0)
})

test('the digests of an organization trail are in the folder of the log account', async () => {
  const found = await chains({}, { layout: { prefix: '', organization: 'o-exampleorgid' } })
  expect(found.digests[0]?.key).toContain('AWSLogs/o-exampleorgid/222222222222/CloudTrail-Digest/us-east-1/')
  expect(found.digests[0]?.digest.awsAccountId).toBe('222222222222')
  signers(found)
})
