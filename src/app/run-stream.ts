import type { RunEvent, RunListener } from '../work/run-event.ts'

/** The events of a verb, which can be read once, and its result. */
export interface RunStream<R> extends AsyncIterable<RunEvent> {
  /** Does not settle while the run waits for its reader. Read the events first, or leave the loop. */
  readonly result: Promise<R>
}

/** If this many events wait for their reader, the run waits too. */
const mostWaiting = 1000

/**
 * Runs a verb and returns its events as a stream. The run waits if its reader is slower:
 *
 *     const run = runStream((listener, whenWritable) => crosstrail.list({ whenWritable }, listener))
 *     for await (const event of run) …
 *     const report = await run.result
 *
 * If the verb rejects, the iteration rejects too, after the earlier events. If the reader leaves the loop, the run continues to its end.
 * To stop the run as well, abort the signal that crosstrail was opened with.
 */
export function runStream<R>(
  start: (listener: RunListener, whenWritable: () => Promise<void> | undefined) => Promise<R>,
): RunStream<R> {
  const waiting: RunEvent[] = []
  let hasReader = true
  let isOver = false
  let wakeReader: () => void = () => undefined
  let wakeRun: () => void = () => undefined
  let room: Promise<void> | undefined
  const listener: RunListener = (event) => {
    if (!hasReader) return
    waiting.push(event)
    wakeReader()
  }
  const whenWritable = () => {
    if (waiting.length < mostWaiting) return undefined
    return (room ??= new Promise((resolve) => (wakeRun = resolve)))
  }
  const makeRoom = () => {
    room = undefined
    wakeRun()
  }
  // In an async function, so that a verb that throws synchronously rejects.
  const result = (async () => start(listener, whenWritable))().finally(() => {
    isOver = true
    wakeReader()
  })
  // The reader of the events gets a failure there, so this rejection counts as handled.
  result.catch(() => undefined)

  async function* read(): AsyncGenerator<RunEvent, void> {
    try {
      for (;;) {
        yield* waiting.splice(0)
        makeRoom()
        if (waiting.length > 0) continue
        if (isOver) break
        await new Promise<void>((resolve) => (wakeReader = resolve))
      }
      await result
    } finally {
      // The reader has left: the run must not wait for it or keep events for it.
      hasReader = false
      waiting.length = 0
      makeRoom()
    }
  }
  const events = read()
  return { result, [Symbol.asyncIterator]: () => events }
}
