import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CrosstrailError } from '../../../src/error.ts'
import type { ObjectReader } from '../../../src/sinks/sink.ts'
import { parseKey } from '../../../src/trail/key.ts'
import type { LogObject } from '../../../src/trail/log-object.ts'
import { DeliveryPlaces } from '../../../src/verbs/verify/delivery-places.ts'
import type { ListedDigest, StreamSlice, VerifyPlace } from '../../../src/verbs/verify/place.ts'
import { openVerify } from '../../../src/verbs/verify/read-log.ts'
import type { VerifyResult } from '../../../src/verbs/verify/result.ts'
import { readStreams, type StreamGiver } from '../../../src/verbs/verify/stream-source.ts'
import { judgedObjects, verifiedTake } from '../../../src/verbs/verify/take-verified.ts'
import { Verification } from '../../../src/verbs/verify/verification.ts'
import type { Outcome } from '../../../src/work/outcome.ts'
import { everything } from '../../../src/work/selection.ts'
import {
  bucket,
  hour,
  logAccount,
  type Objects,
  region,
  signingKey,
  type StoredObject,
  writeChain,
  writeLog,
} from './chain-builder.ts'

/* `verify`, and a run that takes only what is verified, over the same altered trail: both must agree. */

const startMs = Date.UTC(2026, 10, 3, 14, 1, 31)
const periods = [2, 0, 3, 1, 2, 1]
const endMs = startMs + periods.length * hour
const key = signingKey(startMs - 700 * hour, startMs + 700 * hour)
/** So that logs of the last hour are pending. */
const nowMs = endMs + hour
const pristine = new Map<string, StoredObject>()
writeChain(pristine, { startMs, periods, keyOf: () => key, carries: true })
writeChain(pristine, { trail: 'other_2', startMs: startMs - 43 * 60_000, periods: [1, 2, 0, 1, 1], keyOf: () => key })
writeLog(pristine, endMs + 20 * 60_000)
const keys = [...pristine.keys()]

const stream: StreamSlice = { account: 'Z', logAccount, region, logKinds: ['events'] }
const maxInflatedBytes = 1_000_000

function etagOf(body: Buffer): string {
  return createHash('md5').update(body).digest('hex')
}

function listed(objects: Objects): LogObject[] {
  const found = [...objects].flatMap(([name, { body }]) => {
    const parts = parseKey(name, { prefix: '' })
    if (parts === undefined) return []
    return [
      { key: name, sizeBytes: body.length, etag: etagOf(body), lastModifiedMs: 0, storageClass: 'STANDARD', ...parts },
    ]
  })
  return found.toSorted((a, b) => a.deliveredAtMs - b.deliveredAtMs || (a.key < b.key ? -1 : 1))
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* page<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  yield items
}

function placeOf(objects: Objects): VerifyPlace {
  const all = listed(objects)
  return {
    keepsSignatures: true,
    mayBePlain: false,
    digests: () =>
      page(
        all.flatMap((object): ListedDigest[] => {
          const parts = parseKey(object.key, { prefix: '' })
          return parts?.kind === 'digest' ? [{ ...object, parts }] : []
        }),
      ),
    logs: () => page(all.filter(({ kind }) => kind !== 'digest')),
    read(_stream, { key: name, parts }) {
      const { body = Buffer.alloc(0), signature, algorithm } = objects.get(name) ?? {}
      return Promise.resolve({ bucket, key: name, parts, body, signature, signatureAlgorithm: algorithm })
    },
  }
}

function readerOf(objects: Objects): ObjectReader {
  return {
    async get(object, receive) {
      const body = objects.get(object.key)?.body
      if (body === undefined) throw new CrosstrailError('object.gone', object.key)
      const headers = { etag: `"${etagOf(body)}"`, 'content-length': String(body.length) }
      const receiver = receive()
      receiver.start(headers)
      receiver.data(body)
      return receiver.finish(headers)
    },
  }
}

/** Reads the stream, and takes each object that it gives. */
async function run(
  objects: Objects,
  giver: StreamGiver | undefined,
  takeOf: (verification: Verification) => (object: LogObject) => Outcome | (() => Promise<Outcome>),
): Promise<VerifyResult[]> {
  const results: VerifyResult[] = []
  const { signal } = new AbortController()
  const places = new DeliveryPlaces()
  const onResult = (result: VerifyResult) => void results.push(result)
  const verification = new Verification({ nowMs, places, where: bucket, isMoved: () => false, onResult })
  const take = takeOf(verification)
  const read = readStreams({
    place: placeOf(objects),
    rulesOf: () => ({
      window: {},
      nowMs,
      graceMs: 2 * hour,
      isSelected: () => true,
      findKeys: (_, fingerprint) => [key.public].filter((each) => each.fingerprint === fingerprint),
      places,
    }),
    verification,
    needKeys: () => Promise.resolve(),
    giver,
    listener: () => undefined,
    whenWritable: undefined,
    signal,
    onFatal(error) {
      throw error
    },
  })
  await read(stream, {
    async take({ objects: given }) {
      for (const object of given) {
        const taken = take(object)
        const outcome = typeof taken === 'function' ? await taken() : taken
        if (giver === undefined) verification.outcome(outcome)
      }
      return false
    },
    isHungry: () => false,
    giveAway: () => undefined,
  })
  return results
}

function verify(objects: Objects): Promise<VerifyResult[]> {
  const actSignal = new AbortController().signal
  const action = openVerify({ verb: 'verify', files: false, maxInflatedBytes }, { actSignal })
  return run(objects, undefined, () => (object) => action.take(object, 'Z', readerOf(objects), undefined))
}

/** `later` is what the objects are when they are taken. */
async function takeVerified(objects: Objects, later = objects) {
  const taken = new Map<string, Buffer>()
  const refused = new Map<string, string>()
  const results = await run(objects, judgedObjects(everything), (verification) => {
    const refuse = (object: LogObject, account: string, state: string): Outcome => {
      refused.set(object.key, state)
      return { status: 'skipped', account, object, reason: 'unverified' }
    }
    const take = verifiedTake<ObjectReader>({
      verification,
      maxInflatedBytes,
      readerOf: (reader) => reader,
      signal: new AbortController().signal,
      refuse,
      unread: (object, account) => refuse(object, account, 'failed'),
      take(object, account, _reader, { body }) {
        taken.set(object.key, body)
        return { status: 'done', account, object, bytes: body.length }
      },
    })
    return (object) => take(object, 'Z', readerOf(later), undefined)
  })
  return { taken, refused, results }
}

const number = fc.nat(1_000_000)
/** Each alters one object, or two. */
const mutation = fc.record({
  how: fc.constantFrom('remove', 'flip', 'flipInside', 'cut', 'extend', 'rename', 'swap', 'add', 'strip', 'forge'),
  at: number,
  other: number,
})

type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never

function flipped(body: Buffer, at: number): Buffer {
  const result = Buffer.from(body)
  const index = at % result.length
  result[index] = (result[index] ?? 0) ^ (1 + (at % 255))
  return result
}

function alter(objects: Map<string, StoredObject>, { how, at, other }: Mutation): void {
  const name = keys[at % keys.length] ?? ''
  const object = objects.get(name)
  if (object === undefined) return
  const { body } = object
  const put = (change: Partial<StoredObject>) => void objects.set(name, { ...object, ...change })
  switch (how) {
    case 'remove':
      return void objects.delete(name)
    case 'flip':
      return put({ body: flipped(body, other) })
    case 'flipInside':
      return put({ body: gzipSync(flipped(gunzipSync(pristine.get(name)?.body ?? body), other)) })
    case 'cut':
      return put({ body: body.subarray(0, other % body.length) })
    case 'extend':
      return put({ body: Buffer.concat([body, Buffer.from('more')]) })
    case 'rename':
      objects.delete(name)
      return void objects.set(name.replace(/_R0/, '_S0').replace(/_(\d{8}T\d{4})31Z/, '_$129Z'), object)
    case 'swap': {
      const second = keys[other % keys.length] ?? ''
      const swapped = objects.get(second)
      if (swapped !== undefined) put({ body: swapped.body })
      return
    }
    case 'add':
      return void writeLog(objects, startMs + (other % (periods.length * 60)) * 60_000)
    case 'strip':
      return put({ signature: undefined })
    case 'forge':
      return put({ signature: object.signature && flipped(Buffer.from(object.signature), other).toString('latin1') })
  }
}

/** Findings that mean that a digest is not the file that CloudTrail wrote, or has another name. */
const notInPlace = new Set(['verify.digest-malformed', 'verify.digest-misplaced', 'verify.digest-of-other-chain'])

function verifiedKeys(results: readonly VerifyResult[]): string[] {
  const misplaced = new Set(
    results.flatMap((result) =>
      result.type === 'finding' && notInPlace.has(result.finding.code) ? [result.finding.key] : [],
    ),
  )
  return results
    .flatMap((result) => {
      if (result.type === 'log') return result.state === 'verified' ? [result.log.key] : []
      return result.type === 'digest' && result.state === 'proven' && !misplaced.has(result.key) ? [result.key] : []
    })
    .toSorted()
}

function told(results: readonly VerifyResult[]): string[] {
  return results
    .map((result) => JSON.stringify(result.type === 'log' ? [result.log.key, result.state] : result))
    .toSorted()
}

test('of an untouched trail everything is taken but the log whose digest is not due yet', async () => {
  const { taken, refused } = await takeVerified(pristine)
  expect(taken.size).toBe(keys.length - 1)
  expect([...refused.values()]).toEqual(['pending'])
})

test('what is taken of an altered trail is what verify verifies, with the bytes that CloudTrail delivered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 6 }), async (mutations) => {
      const objects = new Map(pristine)
      for (const each of mutations) alter(objects, each)
      const verified = await verify(objects)
      const { taken, refused, results } = await takeVerified(objects)
      expect([...taken.keys()].toSorted()).toEqual(verifiedKeys(verified))
      expect(told(results)).toEqual(told(verified))
      expect([...taken.keys(), ...refused.keys()].toSorted()).toEqual(
        listed(objects)
          .map(({ key: name }) => name)
          .toSorted(),
      )
      for (const [name, body] of taken) {
        expect(gunzipSync(body).equals(gunzipSync(pristine.get(name)?.body ?? Buffer.alloc(0)))).toBe(true)
      }
    }),
    { numRuns: 120 },
  )
})

test.each(['changed', 'removed'])('a proven digest that was %s before it is taken is a finding', async (how) => {
  const digest = keys.find((name) => name.includes('CloudTrail-Digest')) ?? ''
  const later = new Map(pristine)
  const object = later.get(digest)
  if (object === undefined) throw new Error('the trail has no digest')
  if (how === 'removed') later.delete(digest)
  else later.set(digest, { ...object, body: gzipSync('{}') })
  const { taken, refused, results } = await takeVerified(pristine, later)
  expect(taken.has(digest)).toBe(false)
  expect(refused.get(digest)).toBe('failed')
  const findings = results.flatMap((result) => (result.type === 'finding' ? [result.finding] : []))
  expect(findings).toEqual([expect.objectContaining({ code: 'verify.digest-unread', key: digest })])
})
