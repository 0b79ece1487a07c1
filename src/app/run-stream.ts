import type { RunEvent, RunListener } from '../work/run-event.ts'

/** The events of a verb as an async iterable, and what it resolves with. */
export interface RunStream<R> extends AsyncIterable<RunEvent> {
  readonly result: Promise<R>
}

/** How many events may wait for their reader before the run waits for it. */
const mostWaiting = 1000

/**
 * Runs a verb whose events are read one by one. The run waits if its reader is slower:
 *
 *     const run = runStream((listener, whenWritable) => crosstrail.list({ whenWritable }, listener))
 *     for await (const event of run) …
 *     const report = await run.result
 *
 * If the verb rejects, the iteration does too. To stop early, abort the signal that crosstrail was opened with.
 */
export function runStream<R>(
  start: (listener: RunListener, whenWritable: () => Promise<void> | undefined) => Promise<R>,
): RunStream<R> {
  const waiting: RunEvent[] = []
  let isOver = false
  let wakeReader: () => void = () => undefined
  let wakeRun: () => void = () => undefined
  let room: Promise<void> | undefined
  const result = start(
    (event) => {
      waiting.push(event)
      wakeReader()
    },
    () => {
      if (waiting.length < mostWaiting) return undefined
      return (room ??= new Promise((resolve) => (wakeRun = resolve)))
    },
  ).finally(() => {
    isOver = true
    wakeReader()
  })
  // Whoever reads the events learns of a failure there.
  result.catch(() => undefined)
  return {
    result,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        yield* waiting.splice(0)
        room = undefined
        wakeRun()
        if (waiting.length > 0) continue
        if (isOver) break
        await new Promise<void>((resolve) => (wakeReader = resolve))
      }
      await result
    },
  }
}
