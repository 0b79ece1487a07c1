import { startThread } from '../../loader/start-thread.ts'
import { flattenError, restoreError } from '../../work/thread-protocol.ts'
import type { SliceResult } from '../format.ts'
import type { SliceExecutor } from './slice-executor.ts'
import type { FromSliceThread, SliceNote, SliceThreadJob, ToSliceThread } from './slice-messages.ts'

interface Waiting {
  readonly resolve: (result: SliceResult) => void
  readonly reject: (error: Error) => void
  readonly onProgress: (objects: number, bytes: number) => void
}

/**
 * Starts the thread that runs slices, so that this thread is never busy and renews the locks of slices in time. Rejects with the error of the
 * config, `config.…`.
 */
export async function startSliceThread(
  job: SliceThreadJob,
  listener: (note: SliceNote) => void,
  entry = new URL('./slice-thread.js', import.meta.url),
): Promise<SliceExecutor> {
  const thread = startThread(entry, job)
  const post = (message: ToSliceThread): void => thread.postMessage(message)
  const waiting = new Map<number, Waiting>()
  const broken = new AbortController()
  const ready = deferred<SliceExecutor['places']>()
  const ended = deferred<void>()
  let lastId = 0
  let loadOfSlice: number | undefined
  const fail = (error: Error): void => {
    ready.reject(error)
    broken.abort(error)
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  const take = (id: number): Waiting | undefined => {
    const one = waiting.get(id)
    waiting.delete(id)
    return one
  }
  thread.on('message', (message: FromSliceThread) => {
    switch (message.type) {
      case 'ready':
        return ready.resolve(new Map(message.places.map((place) => [place.account, place])))
      case 'cannot-start':
        return fail(restoreError(message.error))
      case 'progress':
        return waiting.get(message.id)?.onProgress(message.objects, message.bytes)
      case 'load':
        loadOfSlice = message.ofSlice
        return
      case 'note':
        return listener(message)
      case 'ended':
        return take(message.id)?.resolve(message.result)
      case 'failed':
        return take(message.id)?.reject(restoreError(message.error))
      case 'closed':
        return ended.resolve()
    }
  })
  thread.on('error', (error) => fail(restoreError(flattenError(error))))
  thread.on('exit', (code) => {
    fail(new Error(`the thread that runs slices ended early, with code ${code}`))
    ended.resolve()
  })
  const places = await ready.promise
  return {
    places,
    broken: broken.signal,
    get loadOfSlice() {
      return loadOfSlice
    },
    run(runId, request, slice, signal, onProgress) {
      if (broken.signal.aborted) return Promise.reject(broken.signal.reason as Error)
      const id = ++lastId
      const { promise, resolve, reject } = deferred<SliceResult>()
      waiting.set(id, { resolve, reject, onProgress })
      post({ type: 'run', id, runId, request, slice })
      const stop = (): void => post({ type: 'stop', id })
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
      return promise.finally(() => signal.removeEventListener('abort', stop))
    },
    limitCalls: (callsPerSecond) => post({ type: 'rate', callsPerSecond }),
    async close() {
      post({ type: 'close' })
      await ended.promise
      await thread.terminate()
    },
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

function deferred<T>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve']
  let reject!: Deferred<T>['reject']
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
