import type { RunEvent, RunListener } from '../work/run-event.ts'

/** The events of a verb, to be read once, and what the verb resolves with. */
export interface RunStream<R> extends AsyncIterable<RunEvent> {
  /** It does not settle while the run waits for its reader: read the events first, or leave the loop. */
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
 * If the verb rejects, the iteration does too, after the events that came before. A reader may leave the loop: the run then goes on to
 * its end without it. To stop the run as well, abort the signal that crosstrail was opened with.
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
  // In an async function: a verb that throws at once rejects.
  const result = (async () => start(listener, whenWritable))().finally(() => {
    isOver = true
    wakeReader()
  })
  // Whoever reads the events learns of a failure there.
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
      // A reader that left reads no more: the run must neither wait for it nor keep events for it.
      hasReader = false
      waiting.length = 0
      makeRoom()
    }
  }
  const events = read()
  return { result, [Symbol.asyncIterator]: () => events }
}
