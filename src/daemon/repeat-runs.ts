import { setTimeout as sleepFor } from 'node:timers/promises'
import { jitterMs, nextStart } from './schedule.ts'

export interface LoopOptions {
  readonly everyMs: number
  /** True: waits only after a run that failed. */
  readonly atOnce?: boolean | undefined
  /** If it is aborted, the wait ends at once and no further run starts. */
  readonly signal: AbortSignal
  /** Does one run, and resolves with whether it succeeded. If it rejects, the loop ends. */
  readonly run: () => Promise<boolean>
  readonly onWait?: ((waitMs: number, failuresInARow: number) => void) | undefined
  /** Milliseconds of a monotonic clock. */
  readonly clock?: (() => number) | undefined
  readonly random?: (() => number) | undefined
  readonly sleep?: ((waitMs: number, signal: AbortSignal) => Promise<void>) | undefined
}

/** Repeats a run until the signal is aborted: never two at once, without drift, and at longer intervals while runs fail. The first starts at once. */
export async function repeatRuns(options: LoopOptions): Promise<void> {
  const {
    everyMs,
    signal,
    run,
    clock = () => performance.now(),
    random = Math.random,
    sleep = abortableSleep,
  } = options
  const schedule = { anchorMs: clock(), everyMs }
  let failuresInARow = 0
  while (!signal.aborted) {
    failuresInARow = (await run()) ? 0 : failuresInARow + 1
    if (signal.aborted) return
    if (options.atOnce === true && failuresInARow === 0) continue
    const nowMs = clock()
    const startMs = nextStart(schedule, nowMs, failuresInARow) + jitterMs(everyMs, random())
    options.onWait?.(startMs - nowMs, failuresInARow)
    await sleep(startMs - nowMs, signal)
  }
}

async function abortableSleep(waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleepFor(waitMs, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
