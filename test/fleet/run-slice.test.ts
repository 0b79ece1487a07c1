import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FleetRequest, FleetSlice } from '../../src/fleet/format.ts'
import { planFleet } from '../../src/fleet/plan-run.ts'
import { SliceRunner } from '../../src/fleet/run-slice.ts'
import type { SeenRequest } from '../../src/lab/faults.ts'
import type { RunEvent } from '../../src/work/run-event.ts'
import { codeOfAsync } from '../disk/error-code.ts'
import { rowsOf } from '../sinks/parquet/read-parquet.ts'
import { type FleetWorld, fleetWorld, requestOf, sumOf, window } from './fleet-world.ts'

const silent = () => undefined
const running = new AbortController().signal
let world: FleetWorld
let runner: SliceRunner
let notes: RunEvent[]

beforeAll(async () => {
  world = await fleetWorld({ sample: { objects: 120, contentsPerSlot: 120, window, kinds: ['events', 'insight'] } })
})
afterAll(() => world.stop())
beforeEach(async () => {
  notes = []
  const tools = { worker: 'one', journalDir: world.newPath(), listener: (event: RunEvent) => void notes.push(event) }
  runner = new SliceRunner(await world.open(), tools)
  world.lab.requests.clear()
})
afterEach(() => {
  runner.close()
  world.lab.setFaults({})
})

async function slicesOf(request: FleetRequest, most?: number): Promise<readonly FleetSlice[]> {
  const { slices } = await planFleet(world.app, request, silent, most)
  world.lab.requests.clear()
  return slices
}

const run = (
  request: FleetRequest,
  slice: FleetSlice | undefined,
  signal = running,
  onProgress = silent as (o: number, b: number) => void,
) => {
  if (slice === undefined) throw new Error('there is no such slice')
  return runner.run('run', request, slice, signal, onProgress)
}

async function runAll(request: FleetRequest, slices: readonly FleetSlice[]) {
  const results = []
  for (const slice of slices) results.push(await run(request, slice))
  return results
}

const assumed = () => world.lab.requests.recent('AssumeRole').length

describe('sessions', () => {
  test('are opened once for all slices of a worker', async () => {
    const request = requestOf('copy', { to: 's3://example-archive/sessions' })
    const slices = await slicesOf(request)
    expect(slices.length).toBeGreaterThan(10)
    const { tally } = sumOf(await runAll(request, slices))
    expect(tally).toMatchObject({ done: 120, failed: 0 })
    expect(assumed()).toBe(1)
  })

  test('are opened once for the account that reads and for the one that writes', async () => {
    const request = requestOf('copy', { to: 's3://example-archive/writer', toAccount: 'writer' })
    const { tally } = sumOf(await runAll(request, await slicesOf(request)))
    expect(tally).toMatchObject({ done: 120, failed: 0 })
    expect(assumed()).toBe(2)
  })

  test('are opened once if slices that need them start at the same time', async () => {
    const request = requestOf('download', { to: world.newPath() })
    await Promise.all((await slicesOf(request)).map((slice) => run(request, slice)))
    expect(assumed()).toBe(1)
  })

  test('have only the rights of the verb, and reach only the log accounts of the run', async () => {
    const [logAccount] = (await slicesOf(requestOf('download', { to: '/x' }))).map((slice) => slice.logAccount)
    const request = requestOf(
      'download',
      { to: world.newPath() },
      { logAccounts: logAccount === undefined ? [] : [logAccount] },
    )
    await runAll(request, await slicesOf(request))
    const policies = world.lab.requests.recent('AssumeRole').map(({ query }) => query.get('Policy') ?? '')
    expect(policies).toHaveLength(1)
    expect(policies[0]).toContain(`AWSLogs/${logAccount}/`)
    expect(policies[0]).not.toContain('s3:PutObject')
  })

  test('are renewed when they end early', async () => {
    const request = requestOf('download', { to: world.newPath() })
    const [first, second] = await slicesOf(request)
    await run(request, first)
    world.lab.revokeSessions()
    expect((await run(request, second)).tally.failed).toBe(0)
    expect(assumed()).toBe(2)
  })

  test('are not kept if they cannot be opened', async () => {
    const request = requestOf('download', { to: world.newPath() })
    const [slice] = await slicesOf(request)
    const fault = { status: 403, code: 'AccessDenied', message: 'not now' }
    world.lab.setFaults({ rules: [{ fault, probability: 1, operations: ['AssumeRole'] }] })
    const refused = await run(request, slice)
    expect(refused.stopped).toEqual({ Z: 'access.external-id-refused' })
    world.lab.setFaults({})
    expect(await run(request, slice)).toMatchObject({ stopped: {}, interrupted: false })
  })
})

test('a verification lists the public keys of each region once', async () => {
  const request = requestOf('verify', {})
  const slices = await slicesOf(request)
  await runAll(request, slices)
  const regions = new Set(slices.map(({ region }) => region))
  expect(slices.length).toBeGreaterThan(regions.size)
  expect(world.lab.requests.recent('ListPublicKeys')).toHaveLength(regions.size)
})

test('a slice of places with few logs lists them once, and nothing else', async () => {
  const request = requestOf('download', { to: world.newPath() })
  const slices = await slicesOf(request)
  await runAll(request, slices)
  expect(world.lab.requests.recent('ListObjectsV2')).toHaveLength(slices.length)
})

test('slices of several regions do what one run does', async () => {
  const request = requestOf('copy', { to: 's3://example-archive/joined' })
  const slices = await slicesOf(request, 15)
  expect(slices.some(({ region }) => region === undefined)).toBe(true)
  expect(sumOf(await runAll(request, slices)).tally).toMatchObject({ done: 120, failed: 0 })
})

test('a verification with nothing to verify has one finding that says so', async () => {
  const older = { window: { fromMs: Date.UTC(2020, 0, 1), toMs: Date.UTC(2020, 0, 2) } }
  const request = requestOf('verify', {}, older)
  const local = await world.app.verify({ selection: request.selection })
  expect(local.findings).toEqual({ 'verify.nothing': 1 })
  expect(sumOf(await runAll(request, await slicesOf(request))).findings).toEqual(local.findings)
})

describe('a signal', () => {
  const isLog = ({ operation }: SeenRequest) => operation === 'GetObject'

  test('stops its slice alone, after the objects in flight', async () => {
    const request = requestOf('download', { to: world.newPath() })
    const [one, two] = (await slicesOf(request)).filter(
      ({ region, kind }) => region === 'us-east-1' && kind === 'events',
    )
    const stop = new AbortController()
    let logs = 0
    world.lab.setFaults({
      hook(seen) {
        if (!isLog(seen)) return undefined
        if (++logs === 3) stop.abort()
        return { latencyMs: 50 }
      },
    })
    const [stopped, whole] = await Promise.all([run(request, one, stop.signal), run(request, two)])
    expect(stopped.interrupted).toBe(true)
    expect(stopped.tally.failed).toBe(0)
    expect(whole).toMatchObject({ interrupted: false, stopped: {} })
    expect(whole.tally.done).toBeGreaterThan(0)
    world.lab.setFaults({})
    const again = await run(request, one)
    expect(again.tally.skipped.present).toBe(stopped.tally.done)
  })

  test('that comes while a session is opened leaves the session to the other slices', async () => {
    const request = requestOf('download', { to: world.newPath() })
    const [one, two] = await slicesOf(request)
    const stop = new AbortController()
    world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'AssumeRole') return undefined
        setTimeout(() => stop.abort(), 20)
        return { latencyMs: 200 }
      },
    })
    const [stopped, whole] = await Promise.all([run(request, one, stop.signal), run(request, two)])
    expect(stopped).toMatchObject({ interrupted: true, stopped: {} })
    expect(whole.interrupted).toBe(false)
    expect(assumed()).toBe(1)
  })

  test('that comes while the session that writes is opened stops the slice', async () => {
    const request = requestOf('copy', { to: 's3://example-archive/stopped', toAccount: 'writer' })
    const [slice] = await slicesOf(request)
    const stop = new AbortController()
    world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'AssumeRole') return undefined
        stop.abort()
        return { latencyMs: 200 }
      },
    })
    expect(await run(request, slice, stop.signal)).toMatchObject({ interrupted: true, stopped: {}, lines: [] })
  })
})

test('slices of events write a dataset in a bucket, each event once although each slice runs twice', async () => {
  const request = requestOf('events', { to: { to: 's3://example-archive/lake', storage: {} }, window })
  const slices = await slicesOf(request)
  await runAll(request, slices)
  const files = world.archive.keys().filter((key) => key.startsWith('lake/'))
  await runAll(request, slices.toReversed())
  expect(world.archive.keys().filter((key) => key.startsWith('lake/'))).toEqual(files)
  const folder = world.newPath()
  for (const key of files) {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), world.archive.get(key)?.body ?? '')
  }
  const local = await world.app.exportEvents({ selection: { accounts: ['Z'] }, window, to: world.newPath() })
  const ids = (await rowsOf(folder)).map(({ eventID }) => eventID)
  expect(ids.length).toBe(local.dataset?.rows)
  expect(new Set(ids).size).toBe(ids.length)
})

test('progress rises to all outcomes of the slice', async () => {
  const request = requestOf('copy', { to: 's3://example-archive/progress' })
  const [slice] = await slicesOf(request)
  const told: [number, number][] = []
  const { tally } = await run(request, slice, running, (objects, bytes) => told.push([objects, bytes]))
  const skipped = Object.values(tally.skipped).reduce((sum, count) => sum + count, 0)
  expect(told.at(-1)).toEqual([tally.done + skipped, tally.doneBytes])
})

test('failures of objects are in the result, each with its line', async () => {
  const request = requestOf('download', { to: world.newPath() })
  const slice = (await slicesOf(request)).find(({ region }) => region === 'us-east-1')
  const fault = { status: 403, code: 'AccessDenied', message: 'no' }
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'GetObject' ? fault : undefined) })
  const { tally, lines, stopped } = await run(request, slice)
  expect(tally.failed).toBeGreaterThan(0)
  expect(tally.done).toBe(0)
  expect(stopped).toEqual({})
  expect(lines).toHaveLength(tally.failed)
  expect(lines[0]).toMatchObject({ status: 'failed', account: 'Z', code: 'access.object-denied' })
})

test('a request that the verb refuses rejects', async () => {
  const request = requestOf('copy', { to: 's3://example-cloudtrail-logs' })
  const [slice] = await slicesOf(requestOf('copy', { to: 's3://example-archive/x' }))
  expect(await codeOfAsync(() => run(request, slice))).toBe('usage.copy-onto-itself')
})
