import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FleetRequest, FleetSlice, SliceResult } from '../../src/fleet/format.ts'
import { planFleet } from '../../src/fleet/plan-run.ts'
import { SliceRunner } from '../../src/fleet/run-slice.ts'
import { dayMs } from '../../src/trail/calendar.ts'
import { rowsOf } from '../sinks/parquet/read-parquet.ts'
import {
  archive,
  cutSlices,
  contentsBelow,
  contentsOf,
  type FleetWorld,
  fleetWorld,
  requestOf,
  sumOf,
  window,
} from './fleet-world.ts'

let world: FleetWorld
beforeAll(async () => {
  world = await fleetWorld({
    sample: {
      objects: 150,
      contentsPerSlot: 150,
      window,
      digests: true,
      regions: ['us-east-1', 'eu-west-1'],
      kinds: ['events', 'insight'],
    },
    logSize: 20_000,
  })
})
afterAll(() => world.stop())

const silent = () => undefined
const running = new AbortController().signal

const middleMs = window.fromMs + dayMs

/** Cuts slices of logs, as if they had many. */
function cut(slices: readonly FleetSlice[]): FleetSlice[] {
  return cutSlices(slices, ({ kind, fromMs, toMs }) =>
    kind === undefined
      ? [{ fromMs, toMs }]
      : [
          { fromMs, toMs: middleMs },
          { fromMs: middleMs, toMs },
        ],
  )
}

interface Ran {
  readonly slices: readonly FleetSlice[]
  readonly results: readonly SliceResult[]
  readonly journalDir: string
}

/** Runs all slices of a request, four at a time, every third one of them twice. The first result of each counts. */
async function inSlices(request: FleetRequest, runId = 'run'): Promise<Ran> {
  const { slices: whole, report } = await planFleet(world.app, request, silent)
  expect(report.accounts.map(({ error }) => error)).toEqual([undefined])
  const slices = cut(JSON.parse(JSON.stringify(whole)) as FleetSlice[])
  const journalDir = world.newPath()
  const runner = new SliceRunner(world.app, { worker: 'one', journalDir })
  const results: SliceResult[] = []
  const rest = slices.values()
  const run = (slice: FleetSlice) => runner.run(runId, request, slice, running, silent)
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const slice of rest) {
        const again = results.length % 4 === 0 && request.options['dryRun'] !== true
        results.push(await run(slice))
        if (again) await run(slice)
      }
    }),
  )
  runner.close()
  return { slices, results, journalDir }
}

describe('the slices of a run together do exactly what one run does', () => {
  test('copy', async () => {
    const local = await world.app.copy({
      ...requestOf('copy', {}),
      to: `${archive}-local`,
      journalDir: world.newPath(),
    })
    const { slices, results } = await inSlices(requestOf('copy', { to: archive }))
    expect(slices.length).toBeGreaterThan(30)
    expect(new Set(slices.map(({ id }) => id)).size).toBe(slices.length)
    expect(sumOf(results)).toEqual({ tally: local.total, findings: {} })
    const copies = Object.entries(contentsOf(world.archive))
    const below = (prefix: string) =>
      copies.filter(([key]) => key.startsWith(prefix)).map(([key, body]) => [key.slice(prefix.length), body])
    expect(below('trail/')).toEqual(below('trail-local/'))
    expect(below('trail/').length).toBe(local.total.done)
  })

  test('copy --dry-run writes nothing, not even a journal', async () => {
    const options = { to: 's3://example-archive/dry', dryRun: true }
    const local = await world.app.copy({ ...requestOf('copy', {}), ...options })
    const { results, journalDir } = await inSlices(requestOf('copy', options))
    expect(sumOf(results).tally).toEqual(local.total)
    expect(() => readdirSync(journalDir)).toThrow('ENOENT')
  })

  test('download', async () => {
    const [localTo, to] = [world.newPath(), world.newPath()]
    const local = await world.app.download({
      selection: { accounts: ['Z'], window: requestOf('download', {}).selection.window },
      to: localTo,
    })
    const { results } = await inSlices(requestOf('download', { to }))
    expect(sumOf(results)).toEqual({ tally: local.total, findings: {} })
    expect(contentsBelow(to)).toEqual(contentsBelow(localTo))
    expect(readdirSync(join(to, '.crosstrail/tmp'))).toEqual([])
    expect(readdirSync(join(to, '.crosstrail'))).toEqual(['tmp'])
  })

  test('verify, with findings', async () => {
    const bucket = world.lab.bucket()
    const [lost, changed] = bucket.keys().filter((key) => key.includes('/CloudTrail/') && key.endsWith('.json.gz'))
    const kept = bucket.get(lost ?? '')
    bucket.delete(lost ?? '')
    const body = Buffer.from(bucket.get(changed ?? '')?.body ?? '')
    bucket.put(changed ?? '', Buffer.concat([body, body]))
    const { selection } = requestOf('verify', {})
    const local = await world.app.verify({ selection })
    const { slices, results } = await inSlices(requestOf('verify', {}))
    expect(slices.length).toBe(10)
    expect(sumOf(results)).toEqual({ tally: local.total, findings: local.findings })
    expect(Object.keys(local.findings)).toContain('verify.log-missing')
    expect(results.flatMap(({ lines }) => lines).filter(({ type }) => type === 'finding')).toHaveLength(
      Object.values(local.findings).reduce((sum, count) => sum + count, 0),
    )
    bucket.put(changed ?? '', body)
    bucket.put(lost ?? '', kept?.body ?? '')
  })

  test('events to Parquet', async () => {
    const [localTo, to] = [world.newPath(), world.newPath()]
    const local = await world.app.exportEvents({ selection: { accounts: ['Z'] }, window, to: localTo })
    const { results } = await inSlices(requestOf('events', { to, window }))
    expect(sumOf(results)).toEqual({ tally: local.total, findings: {} })
    const sorted = async (folder: string) => (await rowsOf(folder)).map((row) => JSON.stringify(row)).toSorted()
    const rows = await sorted(localTo)
    expect(rows.length).toBe(local.dataset?.rows)
    expect(await sorted(to)).toEqual(rows)
  })
})

test('the journal of a worker has the lines of all its slices, and each says which slice it is of', async () => {
  const { results, slices, journalDir } = await inSlices(
    requestOf('copy', { to: 's3://example-archive/again' }),
    'run-9',
  )
  const [name = '', ...others] = readdirSync(journalDir)
  expect(others).toEqual([])
  expect(name).toMatch(/^fleet-run-9-one-\d{8}T\d{6}Z-[0-9a-f]{6}\.ndjson$/)
  const [head, ...lines] = readFileSync(join(journalDir, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(head).toMatchObject({ journal: 'crosstrail', version: 1, worker: 'one', fleetRun: 'run-9', verb: 'copy' })
  expect(new Set(lines.map(({ slice }) => slice))).toEqual(new Set(slices.map(({ id }) => id)))
  expect(lines.filter(({ status }) => status === 'done')).toHaveLength(sumOf(results).tally.done)
})
