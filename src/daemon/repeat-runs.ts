import { setTimeout as sleepFor } from 'node:timers/promises'
import { jitterMs, nextStart } from './schedule.ts'

export interface LoopOptions {
  readonly everyMs: number
  /** Aborted: the wait ends at once, and no run is started any more. */
  readonly signal: AbortSignal
  /** One run. Answers whether it went well; what it throws ends the loop. */
  readonly run: () => Promise<boolean>
  /** Told before each wait. */
  readonly onWait?: ((waitMs: number, failuresInARow: number) => void) | undefined
  /** Milliseconds of a clock that nobody sets. */
  readonly clock?: (() => number) | undefined
  readonly random?: (() => number) | undefined
  readonly sleep?: ((waitMs: number, signal: AbortSignal) => Promise<void>) | undefined
}

/** Runs again and again until the signal is aborted: never two at once, without drift, further apart while runs fail. The first starts at once. */
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
