import type { Fleets } from '../../../src/cli/fleet/fleets.ts'
import type { FleetRequest, FleetSlice } from '../../../src/fleet/format.ts'
import type { Fleet } from '../../../src/fleet/queue/fleet.ts'
import type { FleetEvent, FleetReport, RunStatus, SliceEnd } from '../../../src/fleet/queue/report.ts'
import type { WorkerOptions } from '../../../src/fleet/worker/serve-worker.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { addTallies, type Tally, TallyCounter } from '../../../src/work/tally.ts'
import { config, reportOf } from '../fixture.ts'

export const runId = '1f6e0d2c4b5a6978'
export const fromMs = Date.UTC(2026, 10, 1)

export const request: FleetRequest = {
  verb: 'copy',
  options: { to: 's3://example-archive/trail' },
  selection: {
    accounts: [],
    logAccounts: [],
    regions: [],
    kinds: [],
    window: { fromMs, toMs: fromMs + 86_400_000 },
    include: [],
    exclude: [],
  },
}

export function slice(id: string, account = 'B'): FleetSlice {
  return {
    id,
    place: {
      account,
      role: `arn:aws:iam::111111111111:role/CloudTrailLogs-${account}`,
      bucket: config.trail.bucket,
      owner: config.trail.owner,
      prefix: '',
    },
    logAccount: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events',
    fromMs,
    toMs: fromMs + 86_400_000,
  }
}

export function tally(done: number, failed: readonly string[] = []): Tally {
  const counter = new TallyCounter()
  for (let at = 0; at < done; at++) counter.count({ status: 'done', bytes: 1000 })
  for (const code of failed) counter.count({ status: 'failed', code })
  return counter.snapshot()
}

export function end(changes: Partial<SliceEnd> = {}): SliceEnd {
  return {
    worker: 'host-1-abc',
    tally: tally(5),
    interrupted: false,
    stopped: {},
    findings: {},
    lines: [],
    omittedLines: 0,
    seconds: 1.5,
    ...changes,
  }
}

export function status(changes: Partial<RunStatus> = {}): RunStatus {
  return {
    runId,
    state: 'running',
    request,
    submitter: 'example-host',
    submittedAtMs: fromMs,
    finishedAtMs: undefined,
    slices: 200,
    ended: 12,
    bad: 0,
    active: 8,
    done: 45_000,
    doneBytes: 270_000_000,
    skipped: 678,
    failed: 0,
    seenObjects: 45_678,
    seenBytes: 270_000_000,
    workers: 3,
    unplanned: {},
    ...changes,
  }
}

export function fleetReport(ends: readonly SliceEnd[], changes: Partial<FleetReport> = {}): FleetReport {
  const findings: Record<string, number> = {}
  for (const [code, count] of ends.flatMap((one) => Object.entries(one.findings))) {
    findings[code] = (findings[code] ?? 0) + count
  }
  return {
    runId,
    request,
    state: 'finished',
    slices: ends.length,
    ended: ends.length,
    bad: ends.filter(({ tally: { failed }, error }) => failed > 0 || error !== undefined).length,
    total: addTallies(ends.map((one) => one.tally)),
    findings,
    stopped: Object.assign({}, ...ends.map(({ stopped }) => stopped)) as Record<string, string>,
    unrun: [],
    omittedLines: ends.reduce((sum, { omittedLines }) => sum + omittedLines, 0),
    workers: ['host-1-abc', 'host-2-def'],
    seconds: 83,
    ...changes,
  }
}

interface Script {
  readonly events?: readonly FleetEvent[]
  readonly report?: FleetReport
  readonly joined?: boolean
  readonly runs?: readonly RunStatus[]
  /** Waits before the run ends, so that a test can interrupt it. Resolves with changes of the report. */
  readonly untilEnd?: (watch: {
    readonly cancelled: () => boolean
    readonly signal: AbortSignal | undefined
  }) => Promise<Partial<FleetReport>>
  readonly unplanned?: 'B'
}

/** A fleet that plays a script and notes its calls. */
export function scriptedFleet(script: Script = {}) {
  const calls: string[] = []
  const said: { opened?: string; submitted?: FleetRequest; watched?: AbortSignal | undefined; served?: WorkerOptions } =
    {}
  const report = script.report ?? fleetReport([end()])
  const fleet: Fleet = {
    tools: undefined as never,
    shown: 'redis://queue.example.com',
    async submit(asked, plan, { trail }) {
      calls.push(`submit ${trail.bucket}`)
      said.submitted = asked
      if (script.joined !== true) await plan()
      return { runId, joined: script.joined ?? false, slices: report.slices }
    },
    async watch(id, { listener = () => undefined, signal } = {}) {
      calls.push(`watch ${id}`)
      said.watched = signal
      for (const event of script.events ?? []) listener(event)
      const changes = await script.untilEnd?.({ cancelled: () => calls.includes(`cancel ${id}`), signal })
      return { ...report, ...changes }
    },
    status: async (id) => {
      calls.push(`status ${id ?? ''}`.trimEnd())
      return script.runs ?? [status()]
    },
    cancel: async (id) => {
      calls.push(`cancel ${id}`)
      return script.runs?.[0] ?? status({ state: 'cancelled' })
    },
    retry: async (id) => {
      calls.push(`retry ${id}`)
      return { slices: 3 }
    },
    close: () => void calls.push('close'),
  }
  const fleets: Fleets = {
    open: async ({ url }) => {
      said.opened = url
      return fleet
    },
    plan: async (_app, _request, listener) => {
      calls.push('plan')
      const planned = reportOf([])
      if (script.unplanned === undefined) return { slices: [slice('a')], report: planned }
      const { CrosstrailError } = await import('../../../src/error.ts')
      const error = new CrosstrailError('access.assume-role-denied', 'the role cannot be assumed')
      listener({ type: 'account-failed', account: script.unplanned, error })
      const account = { account: script.unplanned, tally: tally(0), seconds: 1, error }
      return { slices: [slice('a')], report: { ...planned, accounts: [account] } }
    },
    serve: async (options) => {
      said.served = options
      return { worker: 'w', active: 0, slices: 7, bad: 0, handedBack: 0, objects: 70, bytes: 7000, seconds: 12 }
    },
  }
  return { fleets, calls, said }
}
