import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { CrosstrailApp } from '../../app/crosstrail.ts'
import { openApp } from '../../app/open-crosstrail.ts'
import { maskedText } from '../../secrets/masked-text.ts'
import type { RunListener } from '../../work/run-event.ts'
import { type FlatError, flattenError } from '../../work/thread-protocol.ts'
import { placeOf, SliceRunner } from '../run-slice.ts'
import { LoadOfSlice } from './load-of-slice.ts'
import type { FromSliceThread, SliceThreadJob, ToSliceThread } from './slice-messages.ts'

/** A worker must make progress, also if it is one of very many. */
const leastCallsPerSecond = 1
const lookAtLoadEveryMs = 25

// The thread of a worker in which slices run. The thread that started it speaks to Redis.

if (parentPort !== null) void serve(parentPort, workerData as SliceThreadJob)

async function serve(
  port: MessagePort,
  { worker, journalDir, appOptions, limitsCalls }: SliceThreadJob,
): Promise<void> {
  const post = (message: FromSliceThread): void => port.postMessage(message)
  let app: CrosstrailApp
  let callsPerSecond = leastCallsPerSecond
  try {
    app = await openApp({ ...appOptions, ...(limitsCalls === true && { mostCallsPerSecond: () => callsPerSecond }) })
  } catch (error) {
    post({ type: 'cannot-start', error: masked(error) })
    return port.close()
  }
  const listener: RunListener = (event) => {
    if (event.type === 'note') post(event)
    if (event.type !== 'account-failed') return
    const { code, message } = event.error
    post({ type: 'note', level: 'warning', code, message: `${event.account}: ${message}` })
  }
  const runner = new SliceRunner(app, { worker, journalDir, listener })
  const running = new Map<number, { readonly stop: AbortController; readonly end: Promise<void> }>()
  const run = async ({ id, runId, request, slice }: ToSliceThread & { type: 'run' }, signal: AbortSignal) => {
    const onProgress = (objects: number, bytes: number): void => post({ type: 'progress', id, objects, bytes })
    try {
      post({ type: 'ended', id, result: await runner.run(runId, request, slice, signal, onProgress) })
    } catch (error) {
      post({ type: 'failed', id, error: masked(error) })
    }
    running.delete(id)
  }
  const load = new LoadOfSlice()
  const looking = setInterval(() => {
    const ofSlice = load.add(app.callLoad, running.size)
    if (ofSlice !== undefined) post({ type: 'load', ofSlice })
  }, lookAtLoadEveryMs)
  const close = async (): Promise<void> => {
    for (const { stop } of running.values()) stop.abort()
    await Promise.all([...running.values()].map(({ end }) => end))
    clearInterval(looking)
    runner.close()
    await app.close()
    post({ type: 'closed' })
    port.close()
  }
  port.on('message', (message: ToSliceThread) => {
    switch (message.type) {
      case 'run': {
        const stop = new AbortController()
        running.set(message.id, { stop, end: run(message, stop.signal) })
        return
      }
      case 'stop':
        return running.get(message.id)?.stop.abort()
      case 'rate':
        callsPerSecond = Math.max(leastCallsPerSecond, message.callsPerSecond)
        return
      case 'close':
        return void close()
    }
  })
  const places = app.config.accounts.flatMap(({ label }) => placeOf(app.config, label) ?? [])
  post({ type: 'ready', places })
}

/** Only this thread knows the secrets of its sessions. */
function masked(error: unknown): FlatError {
  const flat = flattenError(error)
  return { ...flat, message: maskedText(flat.message), stack: flat.stack && maskedText(flat.stack) }
}
