import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CrosstrailApp } from '../../src/app/crosstrail.ts'
import { cutPlaces } from '../../src/fleet/cut-slices.ts'
import type { FleetRequest, FleetSlice } from '../../src/fleet/format.ts'
import { densityOf } from '../../src/fleet/place-density.ts'
import { planFleet } from '../../src/fleet/plan-run.ts'
import { placeOf } from '../../src/fleet/run-slice.ts'
import { syntheticKeys } from '../../src/lab/synthetic-keys.ts'
import type { ListPage } from '../../src/s3/list-page.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { dayMs, hourMs, minuteMs } from '../../src/trail/calendar.ts'
import { formatKey } from '../../src/trail/key.ts'
import { kinds } from '../../src/trail/kind.ts'
import type { ParsedKey } from '../../src/trail/parsed-key.ts'
import { sliceOf } from '../../src/trail/slice.ts'
import { bucketSource } from '../../src/work/bucket-source.ts'
import { type Listing, planSlices } from '../../src/work/plan.ts'
import { everything, type Selection } from '../../src/work/selection.ts'
import { codeOfAsync } from '../disk/error-code.ts'
import { type FleetWorld, fleetWorld, requestOf } from './fleet-world.ts'

const layout = { prefix: '' }
const logAccount = '222222222222' as AccountId
const startMs = Date.UTC(2026, 0, 1)
const { signal } = new AbortController()
const silent = () => undefined

/** A bucket with small pages. */
function pagesOf(keys: readonly string[], pageSize: number): Listing {
  const sorted = [...new Set(keys)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return {
    listPage({ prefix, startAfter = '', token }): Promise<ListPage> {
      const after = token ?? startAfter
      const rest = sorted.filter((key) => key.startsWith(prefix) && key > after)
      const objects = rest
        .slice(0, pageSize)
        .map((key) => ({ key, sizeBytes: 1, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }))
      const nextToken = rest.length > pageSize ? objects.at(-1)?.key : undefined
      return Promise.resolve({ objects, commonPrefixes: [], nextToken, answeredAtMs: 0 })
    },
  }
}

/** The keys that a run of a selection meets, also foreign ones. */
async function keysOf(listing: Listing, selection: Selection): Promise<string[]> {
  const request = { layout, assignment: { account: 'Z', logAccounts: [logAccount] }, selection, bucket: listing }
  const slices = await planSlices({ ...request, listener: silent, onFailed: silent, signal })
  const keys: string[] = []
  const source = bucketSource({
    bucketOf: () => listing,
    filter: () => true,
    listener: (event) => {
      if (event.type === 'outcome') keys.push(event.outcome.object.key)
    },
    signal,
    nowMs: () => startMs + 400 * dayMs,
  })
  for (const slice of slices) {
    await source.read(slice, {
      take({ objects }) {
        keys.push(...objects.map(({ key }) => key))
        return Promise.resolve(false)
      },
      isHungry: () => false,
      giveAway: silent,
    })
  }
  return keys.toSorted()
}

describe('the pieces of a place', () => {
  test('have each log and each foreign object of the window once', async () => {
    const minutes = fc.array(fc.integer({ min: -2 * 1440, max: 62 * 1440 }), { maxLength: 60 })
    const window = fc
      .tuple(fc.integer({ min: 0, max: 40 * dayMs }), fc.integer({ min: 1, max: 20 * dayMs }))
      .map(([fromMs, spanMs]) => ({ fromMs: startMs + fromMs, toMs: startMs + fromMs + spanMs }))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...kinds),
        minutes,
        window,
        fc.integer({ min: 1, max: 9 }),
        async (kind, at, span, size) => {
          const keys = at.map((minute, number) => {
            const parts = { logAccount, region: 'us-east-1', deliveredAtMs: startMs + minute * minuteMs }
            const digest = { ...parts, kind, trailName: `trail-${number}`, homeRegion: 'us-east-1', backfill: false }
            const random = String(number).padStart(16, '0')
            return formatKey((kind === 'digest' ? digest : { ...parts, kind, random }) as ParsedKey, layout)
          })
          const foreign = keys.filter((_, number) => number % 7 === 0).map((key) => key.replace(/[^/]*$/, 'x.csv'))
          const listing = pagesOf([...keys, ...foreign], size)
          const place = sliceOf({ layout, account: 'Z', logAccount, region: 'us-east-1', kind, window: span })
          const found = await densityOf(place, layout, listing, signal)
          const few = { kind, ...span, firstMs: span.fromMs, logsPerHour: 1 }
          const density = typeof found === 'number' ? few : found
          // So that it is cut.
          const pieces = cutPlaces([{ ...density, logsPerHour: density.logsPerHour * 5000 }], 20_000)[0] ?? []
          const selection = { ...everything, regions: ['us-east-1'], kinds: [kind], window: span }
          const whole = await keysOf(listing, selection)
          const parts = []
          for (const piece of pieces) parts.push(...(await keysOf(listing, { ...selection, piece })))
          expect(parts.toSorted()).toEqual(whole)
        },
      ),
    )
  })

  test('of a place whose logs grow more are as short as the busiest time needs', async () => {
    const sparse = [...syntheticKeys({ count: 2000, window: { fromMs: startMs, toMs: startMs + 20 * dayMs } })]
    const busy = [
      ...syntheticKeys({ count: 20_000, window: { fromMs: startMs + 20 * dayMs, toMs: startMs + 30 * dayMs } }),
    ]
    const window = { fromMs: startMs, toMs: startMs + 30 * dayMs }
    const place = sliceOf({ layout, account: 'Z', logAccount, region: 'us-east-1', kind: 'events', window })
    const density = await densityOf(place, layout, pagesOf([...sparse, ...busy], 1000), signal)
    if (typeof density === 'number') throw new Error('one page has all logs')
    expect(density.logsPerHour).toBeGreaterThan(80)
    expect(density.logsPerHour).toBeLessThan(90)
    expect(density.firstMs).toBe(startMs)
  })
})

describe('planning', () => {
  let world: FleetWorld
  let app: CrosstrailApp
  const week = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 8) }
  beforeAll(async () => {
    world = await fleetWorld({ sample: { objects: 100, window: week } })
    app = world.app
    world.lab.bucket().putShared(syntheticKeys({ count: 25_000, region: 'sa-east-1', window: week }), 'x')
  })
  afterAll(() => world.stop())

  const plan = async (request: FleetRequest, most?: number) => (await planFleet(app, request, silent, most)).slices
  const selection = { window: week }
  const placesOf = (slices: readonly FleetSlice[]) =>
    new Set(slices.map(({ logAccount: id, region, kind }) => `${id} ${region} ${kind}`))

  test('cuts a place with many logs into days, and leaves the others whole', async () => {
    world.lab.requests.clear()
    const slices = await plan(requestOf('copy', { to: 's3://example-archive/x' }, selection))
    const dense = slices.filter(({ region }) => region === 'sa-east-1').toSorted((a, b) => a.fromMs - b.fromMs)
    expect(dense.map(({ fromMs, toMs }) => (toMs - fromMs) / dayMs)).toEqual([1, 1, 1, 1, 1, 1, 1])
    const others = slices.filter(({ region }) => region !== 'sa-east-1')
    expect(others.every(({ fromMs, toMs }) => fromMs === week.fromMs && toMs === week.toMs)).toBe(true)
    expect(placesOf(others).size).toBe(others.length)
    const folders = new Set(
      world.lab
        .bucket()
        .keys()
        .flatMap((key) => /^AWSLogs\/\d{12}\/CloudTrail[^/]*\/[a-z]+-[a-z]+-\d\//.exec(key) ?? []),
    )
    expect(others.length + 1).toBe(folders.size)
    expect(slices.every(({ id }) => /^[\w-]+$/.test(id))).toBe(true)
    expect(slices[0]?.place).toEqual(placeOf(app.config, 'Z'))
    // The session may only list.
    const [policy] = world.lab.requests.recent('AssumeRole').map(({ query }) => query.get('Policy') ?? '')
    expect(policy).toContain('s3:ListBucket')
    expect(policy).not.toContain('s3:GetObject')
    expect(world.lab.requests.recent('GetObject')).toEqual([])
  })

  test('gives the same slices each time, in the same order', async () => {
    const request = requestOf('copy', { to: 's3://example-archive/x' }, selection)
    expect(await plan(request)).toEqual(await plan(request))
  })

  test('puts slices with many logs before those with few', async () => {
    const slices = await plan(requestOf('copy', { to: 's3://example-archive/x' }, { ...selection, kinds: ['events'] }))
    const keys = world.lab.bucket().keys()
    const sizes = slices.map(({ logAccount: id, region }) => {
      const prefix = `AWSLogs/${id}/CloudTrail/${region}/`
      return keys.filter((key) => key.startsWith(prefix)).length
    })
    expect(slices.slice(0, 7).every(({ region }) => region === 'sa-east-1')).toBe(true)
    const others = sizes.slice(7)
    expect(new Set(others).size).toBeGreaterThan(2)
    for (const [at, size] of others.entries()) expect(size).toBeLessThanOrEqual(2 * (others[at - 1] ?? Infinity))
  })

  test('joins the regions of a log account and kind if there would be too many slices', async () => {
    const request = requestOf('copy', { to: 's3://example-archive/x' }, selection)
    const all = await plan(request)
    const few = await plan(request, 20)
    expect(few.length).toBeLessThanOrEqual(20)
    expect(few.length).toBeLessThan(all.length)
    expect(few.filter(({ region }) => region === undefined).length).toBeGreaterThan(5)
    // Nothing is in two slices.
    const joined = new Set(
      few.filter(({ region }) => region === undefined).map(({ logAccount: id, kind }) => `${id} ${kind}`),
    )
    const single = few.filter(({ region }) => region !== undefined).map(({ logAccount: id, kind }) => `${id} ${kind}`)
    expect(single.filter((name) => joined.has(name))).toEqual([])
    expect(await codeOfAsync(() => plan(request, 3))).toBe('usage.fleet-too-large')
  })

  test('of a verification gives one slice for each log account and region', async () => {
    const slices = await plan(requestOf('verify', {}, selection))
    expect(slices.every(({ kind }) => kind === undefined)).toBe(true)
    expect(placesOf(slices).size).toBe(slices.length)
    expect(slices.filter(({ isEmptyRun }) => isEmptyRun === true)).toEqual([])
    expect((await plan(requestOf('verify', {}, selection), 5)).every(({ region }) => region === undefined)).toBe(true)
  })

  test('of a verification that has nothing to verify lets one slice say so', async () => {
    const older = { window: { fromMs: Date.UTC(2020, 0, 1), toMs: Date.UTC(2020, 0, 2) } }
    const slices = await plan(requestOf('verify', {}, older))
    expect(slices.filter(({ isEmptyRun }) => isEmptyRun === true)).toHaveLength(1)
    const nowhere = await plan(requestOf('verify', {}, { ...older, logAccounts: ['999999999999' as AccountId] }))
    expect(nowhere).toHaveLength(1)
    expect(nowhere[0]).toMatchObject({ logAccount: '999999999999', isEmptyRun: true })
  })

  test('of events plans for the time in which their logs were delivered', async () => {
    const window = { fromMs: week.fromMs + 10 * hourMs, toMs: week.toMs - dayMs }
    const slices = await plan(requestOf('events', { to: '/nowhere', window }, { window: {}, regions: ['eu-west-1'] }))
    expect(new Set(slices.map(({ fromMs, toMs }) => `${fromMs} ${toMs}`))).toEqual(
      new Set([`${window.fromMs} ${window.toMs + 2 * hourMs}`]),
    )
    expect(slices.map(({ kind }) => kind)).not.toContain('digest')
  })

  test('needs a window with two ends, and an account that may run the verb', async () => {
    const open = requestOf('copy', { to: 's3://example-archive/x' }, { window: { fromMs: week.fromMs } })
    expect(await codeOfAsync(() => plan(open))).toBe('usage.window')
    const { report, slices } = await planFleet(
      app,
      requestOf(
        'copy',
        { to: 's3://example-archive/x' },
        { ...selection, accounts: ['writer'], logAccounts: ['444444444444' as AccountId] },
      ),
      silent,
    )
    expect(report.accounts[0]?.error).toBeUndefined()
    expect(slices.length).toBeGreaterThan(0)
  })

  test('names what the bucket does not have', async () => {
    const { report } = await planFleet(
      app,
      requestOf('copy', { to: 's3://example-archive/x' }, { ...selection, regions: ['eu-north-1'] }),
      silent,
    )
    expect(report.missing).toEqual([{ what: 'region', name: 'eu-north-1' }])
  })
})
