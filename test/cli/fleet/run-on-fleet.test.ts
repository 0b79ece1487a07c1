import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { scripted } from '../fixture.ts'
import { runCli, Sink, TestHost } from '../host.ts'
import { end, fleetReport, runId, scriptedFleet, slice, status, tally } from './scripted-fleet.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crosstrail-fleet-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const copy =
  'copy B --from 2026-11-01 --until 2026-11-02 --to s3://example-archive/trail --fleet redis://queue.example.com'

function run(line: string, fleet: ReturnType<typeof scriptedFleet>) {
  return runCli(`${line} --journal-dir ${dir}`, { services: scripted([]).open, fleets: fleet.fleets })
}

function journalLines(): Record<string, unknown>[] {
  const [file, ...others] = readdirSync(dir)
  expect(others).toEqual([])
  expect(file).toMatch(/^fleet-copy-\d{8}T\d{6}Z-[0-9a-f]{6}\.ndjson$/)
  const lines = readFileSync(join(dir, file ?? ''), 'utf8')
    .split('\n')
    .slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

const failure = { status: 'failed', account: 'B', key: 'AWSLogs/x.json.gz', code: 'object.gone', message: 'x is gone' }
const bad = end({ tally: tally(3, ['object.gone']), lines: [failure] })
const good = end()
const events = [
  { type: 'progress', status: status() },
  { type: 'slice', slice: slice('a'), end: good },
  { type: 'slice', slice: slice('b', 'Z'), end: bad },
] as const

test('plans, submits, watches to the end, and prints the sum of each account', async () => {
  const fleet = scriptedFleet({ events, report: fleetReport([good, bad]) })
  const { code, stdout, stderr } = await run(copy, fleet)
  expect(fleet.calls).toEqual(['submit example-cloudtrail-logs', 'plan', `watch ${runId}`, 'close'])
  expect(fleet.said).toMatchObject({ opened: 'redis://queue.example.com', submitted: { verb: 'copy' } })
  expect(stdout.split('\n')).toEqual([
    'ACCOUNT  STATE            DONE   BYTES  FINDINGS  FAILED  SKIPPED',
    'B        finished            5  5.0 kB         0       0  -',
    'Z        finished            3  3.0 kB         0       1  -',
    'total    1 with failures     8  8.0 kB         0       1  -',
    '2 of 2 slices in 1:23 by 2 workers',
    '',
  ])
  expect(stderr).toContain(`run ${runId}: submitted 2 slices`)
  expect(stderr).toContain('failed: x is gone (object.gone)')
  expect(stderr).toContain(`journal: ${dir}/fleet-copy-`)
  expect(code).toBe(1)
})

test('the journal has each slice with its tally, each failure, and the sum', async () => {
  await run(copy, scriptedFleet({ events, report: fleetReport([good, bad]) }))
  const [head, first, second, line, last, ...others] = journalLines()
  expect(head).toMatchObject({ journal: 'crosstrail', fleetRun: runId, verb: 'copy', selection: {}, options: {} })
  expect(first).toMatchObject({ type: 'slice', slice: { id: 'a' }, tally: { done: 5 } })
  expect(second).toMatchObject({ type: 'slice', slice: { id: 'b' }, tally: { done: 3, failed: 1 } })
  expect(line).toEqual({ slice: 'b', ...failure })
  expect(last).toMatchObject({ finished: expect.any(String), interrupted: false, done: 8, failed: 1 })
  expect(others).toEqual([])
})

test('JSON has a line for each slice, failure and finding, and one for the sum', async () => {
  const found = end({ findings: { 'verify.log-changed': 1 }, lines: [{ type: 'finding', code: 'verify.log-changed' }] })
  const fleet = scriptedFleet({
    events: [...events, { type: 'slice', slice: slice('c'), end: found }],
    report: fleetReport([good, bad, found]),
  })
  const { stdout } = await run(`${copy} --output json`, fleet)
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map(({ type, status: state }) => type ?? state)).toEqual([
    'slice',
    'slice',
    'failed',
    'slice',
    'finding',
    'total',
  ])
  expect(Object.keys(lines[0] ?? {})).toEqual([
    'type',
    'run',
    'slice',
    'account',
    'logAccount',
    'region',
    'kind',
    'from',
    'until',
    'worker',
    'done',
    'doneBytes',
    'skipped',
    'failed',
    'findings',
    'seconds',
  ])
  expect(lines[2]).toEqual({ slice: 'b', ...failure })
  expect(lines.at(-1)).toMatchObject({
    type: 'total',
    run: runId,
    verb: 'copy',
    state: 'finished',
    slices: 3,
    ended: 3,
    bad: 1,
    done: 13,
    failed: 1,
    findings: { 'verify.log-changed': 1 },
    workers: 2,
  })
})

test('CSV has a row for each slice', async () => {
  const { stdout } = await run(`${copy} --output csv`, scriptedFleet({ events, report: fleetReport([good, bad]) }))
  const [titles, ...rows] = stdout.trimEnd().split('\n')
  expect(titles).toMatch(/^type,run,slice,account,/)
  expect(rows).toHaveLength(2)
})

test('shows the progress over all workers, and why a worker refuses', async () => {
  const note = { worker: 'host-9', code: 'fleet.unknown-label', message: 'its config has no account Z' }
  const fleet = scriptedFleet({ events: [{ type: 'worker-note', note }, ...events] })
  const { stderr } = await run(copy, fleet)
  expect(stderr).toContain('warning: worker host-9: its config has no account Z')
  expect((await run(`${copy} --quiet`, fleet)).stderr).not.toContain('host-9')
})

test('a run that succeeds exits with 0, also if it was joined and not planned', async () => {
  const fleet = scriptedFleet({ joined: true })
  const { code, stderr } = await run(copy, fleet)
  expect(code).toBe(0)
  expect(fleet.calls).not.toContain('plan')
  expect(stderr).toContain(`run ${runId}: joined`)
})

test.each([
  ['slices that could not be run', { bad: 1, stopped: { '*': 'fleet.slice-failed' } }, 1],
  ['an account without access', { bad: 1, stopped: { Z: 'access.assume-role-denied' } }, 3],
  ['an account that could not be planned', { stopped: { B: 'access.list-denied' } }, 3],
  ['findings', { findings: { 'verify.gap': 1 } }, 1],
  ['slices without a result', { slices: 2 }, 1],
  ['a cancel by someone else', { state: 'cancelled' as const }, 1],
])('a run with %s exits with the code of a local run', async (_what, changes, code) => {
  const fleet = scriptedFleet({ report: fleetReport([good], changes) })
  expect((await run(copy, fleet)).code).toBe(code)
})

test('a slice that could not be run is told with its place', async () => {
  const unrun = end({ tally: tally(0), error: { code: 'fleet.slice-failed', message: 'out of memory' } })
  const fleet = scriptedFleet({
    events: [{ type: 'slice', slice: slice('a'), end: unrun }],
    report: fleetReport([unrun]),
  })
  expect((await run(copy, fleet)).stderr).toContain(
    'failed: 222222222222 us-east-1 events of B, 2026-11-01T00:00:00Z to 2026-11-02T00:00:00Z: out of memory (fleet.slice-failed)',
  )
  const { stdout } = await run(`${copy} --output json`, fleet)
  expect(stdout).toContain('"type":"slice-failed"')
})

test('says how many failures are only in the journals of workers', async () => {
  const fleet = scriptedFleet({ report: fleetReport([end({ omittedLines: 1200 })]) })
  expect((await run(copy, fleet)).stdout).toContain(
    '1,200 failures and findings are only in the journals of the workers',
  )
})

test('--detach prints the id of the run, and the command that watches it', async () => {
  const fleet = scriptedFleet()
  const { code, stdout, stderr } = await run(`${copy} --detach`, fleet)
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${runId}\n` })
  expect(stderr).toContain(`crosstrail fleet watch ${runId} --fleet redis://queue.example.com`)
  expect(fleet.calls).toEqual(['submit example-cloudtrail-logs', 'plan', 'close'])
  const json = await run(`${copy} --detach --output json`, fleet)
  expect(JSON.parse(json.stdout)).toEqual({ type: 'submitted', run: runId, slices: 1, joined: false })
  expect(readdirSync(dir)).toEqual([])
})

test('--detach exits with 3 if an account could not be planned', async () => {
  const { code, stderr } = await run(`${copy} --detach`, scriptedFleet({ unplanned: 'B' }))
  expect(code).toBe(3)
  expect(stderr).toContain('the role cannot be assumed')
})

test('a dry run has no journal', async () => {
  const { code } = await run(`${copy} --dry-run`, scriptedFleet())
  expect({ code, files: readdirSync(dir) }).toEqual({ code: 0, files: [] })
})

async function interrupted(line: string, signal: 'SIGINT' | 'SIGTERM', fleet: ReturnType<typeof scriptedFleet>) {
  const host = new TestHost({}, new Sink())
  const ended = main(`${line} --journal-dir ${dir}`.split(' '), host, scripted([]).open, fleet.fleets)
  await expect.poll(() => fleet.calls).toContain(`watch ${runId}`)
  host.emit(signal)
  return { host, ended }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s cancels the run, waits for the workers, and exits with %d', async (signal, code) => {
  let letGo: () => void = () => undefined
  const workers = new Promise<void>((resolve) => (letGo = resolve))
  const fleet = scriptedFleet({
    untilEnd: async ({ cancelled }) => {
      await workers
      return cancelled() ? { state: 'cancelled' } : {}
    },
  })
  const { host, ended } = await interrupted(copy, signal, fleet)
  await expect.poll(() => fleet.calls).toContain(`cancel ${runId}`)
  expect(host.stderr.text).toContain('cancelling the run')
  expect(fleet.calls).not.toContain('close')
  host.emit(signal)
  expect(host.exits).toEqual([code])
  letGo()
  expect(await ended).toBe(code)
  expect(journalLines().at(-1)).toMatchObject({ interrupted: true })
})

test('Ctrl-C at the end of a run that finishes all the same is no failure', async () => {
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const fleet = scriptedFleet({ untilEnd: () => finished.then(() => ({})) })
  const { ended } = await interrupted(copy, 'SIGINT', fleet)
  finish()
  expect(await ended).toBe(0)
})

test('merge refuses the journal, which has slices instead of objects', async () => {
  await run(copy, scriptedFleet({ events }))
  const { code, stderr } = await runCli(`merge ${dir}/${readdirSync(dir)[0]}`)
  expect(code).toBe(2)
  expect(stderr).toContain('is a journal of a run with --fleet')
})
