import type { SliceExecutor } from '../../../src/fleet/worker/slice-executor.ts'
import type { FleetPlan, FleetRequest, FleetSlice, SlicePlace, SliceResult } from '../../../src/fleet/format.ts'
import { TallyCounter } from '../../../src/work/tally.ts'
import { everything } from '../../../src/work/selection.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import type { Trail } from '../../../src/trail/trail.ts'

export const trail: Trail = { bucket: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1', prefix: 'trail' }

export const place: SlicePlace = {
  account: 'Z',
  role: 'arn:aws:iam::111111111111:role/Z',
  bucket: 'logs',
  owner: '111111111111' as AccountId,
  prefix: 'trail',
}

export function requestTo(to: string): FleetRequest {
  const window = { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 1, 1) }
  return { verb: 'copy', options: { to, storage: {} }, selection: { ...everything, accounts: ['Z'], window } }
}

export function slicesOf(count: number, of: Partial<FleetSlice> = {}): FleetSlice[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `s${index}`,
    place,
    logAccount: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events' as const,
    fromMs: Date.UTC(2025, 0, 1) + index * 6e4,
    toMs: Date.UTC(2025, 0, 1) + (index + 1) * 6e4,
    ...of,
  }))
}

export function planned(slices: readonly FleetSlice[]): FleetPlan {
  return {
    slices,
    report: { accounts: [], total: new TallyCounter().snapshot(), seconds: 0, interrupted: false },
  }
}

type Act = (slice: FleetSlice, attempt: number, signal: AbortSignal) => Promise<Partial<SliceResult>>

export interface FakeExecutor extends SliceExecutor {
  /** How often each slice was begun. */
  readonly begun: Map<string, number>
}

/** Runs slices without a trail: each has ten objects of 100 bytes. */
export function fakeExecutor(
  worker: string,
  act: Act = () => Promise.resolve({}),
  places: readonly SlicePlace[] = [place],
): FakeExecutor {
  const begun = new Map<string, number>()
  return {
    begun,
    places: new Map(places.map((each) => [each.account, each])),
    broken: new AbortController().signal,
    async run(_runId, _request, slice, signal, onProgress) {
      const attempt = (begun.get(slice.id) ?? 0) + 1
      begun.set(slice.id, attempt)
      const changed = await act(slice, attempt, signal)
      onProgress(10, 1000)
      return { ...resultOf(worker, 10), interrupted: signal.aborted, ...changed }
    },
    close: () => Promise.resolve(),
  }
}

export function resultOf(worker: string, done: number, failed: readonly string[] = []): SliceResult {
  const counter = new TallyCounter()
  for (let count = 0; count < done; count++) counter.count({ status: 'done', bytes: 100 })
  for (const code of failed) counter.count({ status: 'failed', code })
  return {
    worker,
    tally: counter.snapshot(),
    interrupted: false,
    stopped: {},
    findings: {},
    omittedLines: 0,
    lines: failed.map((code) => ({
      status: 'failed',
      code,
    })),
    seconds: 0.1,
  }
}

/** Waits, but no longer than until the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const stop = (): void => {
      clearTimeout(timer)
      resolve()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
