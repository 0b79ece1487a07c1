import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  digestKey,
  hour,
  iso,
  type Objects,
  signingKey,
  type StoredObject,
  summaryOf,
  verifyObjects,
  writeChain,
  writeLog,
} from './chain-builder.ts'

const startMs = Date.UTC(2026, 10, 3, 14, 1, 31)
const key = signingKey(startMs - 100 * hour, startMs + 100 * hour)
const chain = new Map<string, StoredObject>()
const digests = writeChain(chain, { startMs, periods: [2, 1, 3, 1, 2, 0, 1, 2], keyOf: () => key })
/** Without signatures, as `aws s3 sync` makes it. */
const mirror = new Map([...chain].map(([name, { body }]): [string, StoredObject] => [name, { body }]))

/** Replaces the digests from one on by digests without logs and predecessors, which anybody could write. */
function madeUpFrom(at: number): Objects {
  const objects = new Map(mirror)
  for (const name of digests.slice(at)) {
    const fields = JSON.parse(gunzipSync(mirror.get(name)?.body ?? '').toString()) as Record<string, unknown>
    for (const field of Object.keys(fields)) if (field.startsWith('previousDigest')) fields[field] = null
    objects.set(name, { body: gzipSync(JSON.stringify({ ...fields, logFiles: [] })) })
  }
  return objects
}

async function findingsUntil(toMs: number, objects: Objects): Promise<string[]> {
  const window = { fromMs: startMs, toMs }
  const nowMs = startMs + 9 * hour
  return summaryOf((await verifyObjects(objects, { window, nowMs, keys: [key.public], isMirror: true })).findings)
}

const missing = (names: readonly string[]) => names.map((name) => `verify.signature-missing ${name}`)

test('in a mirror without signatures, the newest digest may lack one', async () => {
  expect(await findingsUntil(startMs + 8 * hour, mirror)).toEqual([])
})

test('a series of digests that somebody made up has findings, but for the newest', async () => {
  expect(await findingsUntil(startMs + 8 * hour, madeUpFrom(3))).toEqual(missing(digests.slice(2, -1)))
})

test('digests that somebody made up after the window do not let the last ones in it count as the newest', async () => {
  expect(await findingsUntil(startMs + 4 * hour, madeUpFrom(4))).toEqual(missing(digests.slice(3, 5)))
})

test('digests that somebody made up for a backfill do not explain logs that no digest lists', async () => {
  const objects = new Map(mirror)
  const backfill = new Map<string, StoredObject>()
  const [real = ''] = writeChain(backfill, { startMs, backfill: true, periods: [1, 1], keyOf: () => key })
  for (const [name, object] of backfill) objects.set(name, object)
  const madeUp = [4, 6].map((hours) => digestKey('audit', startMs + hours * hour, true))
  const fields = JSON.parse(gunzipSync(backfill.get(real)?.body ?? '').toString()) as Record<string, unknown>
  for (const name of madeUp) objects.set(name, { body: gzipSync(JSON.stringify({ ...fields, digestS3Object: name })) })
  writeLog(objects, startMs + 3.5 * hour)
  expect(await findingsUntil(startMs + 8 * hour, objects)).toEqual(missing(madeUp.slice(0, 1)))
})

test('a digest from before CloudTrail signed any does not make the periods since then count as missing', async () => {
  const old = digestKey('audit', Date.UTC(1999, 0, 1))
  const objects = new Map(chain)
  objects.set(old, { body: gzipSync('{}'), signature: 'ab', algorithm: 'SHA256withRSA' })
  objects.delete(digests[0] ?? '')
  const { findings } = await verifyObjects(objects, { nowMs: startMs + 9 * hour, keys: [key.public] })
  expect(summaryOf(findings)).toEqual([`verify.digest-malformed ${old}`, `verify.digest-missing ${iso(startMs)}`])
})
