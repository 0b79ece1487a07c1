import { Worker } from 'node:worker_threads'
import type { KeySource, SigningKeys } from '../s3/credentials.ts'
import type { WorkerFrame } from './run.ts'
import type { SliceExchange, SliceWorker } from './slice-worker.ts'
import { flattenError, type FromThread, restoreError, restoreEvent, type ToThread } from './thread-protocol.ts'

export interface ThreadWorkerOptions {
  /** The module that calls `serveThread`. */
  readonly entry: URL
  /** What the entry needs to build its own bucket and action: plain data, no secret. */
  readonly job: unknown
  readonly keysOf: (account: string) => KeySource
  readonly listings: number
  readonly frame: WorkerFrame
}

/** Runs slices in a thread of their own. The sessions stay here: the thread asks for keys. Rejects where the thread cannot start. */
export async function startThreadWorker(options: ThreadWorkerOptions): Promise<SliceWorker> {
  const { frame } = options
  const thread = new Worker(options.entry, {
    workerData: { job: options.job, hunger: frame.hunger.shared, listings: options.listings },
  })
  const post = (message: ToThread): void => thread.postMessage(message)
  const running = new Map<number, { exchange: SliceExchange; resolve: () => void; reject: (error: unknown) => void }>()
  const lifetime = lifetimeOf(thread)
  let lastId = 0

  const handle = (message: FromThread): void => {
    switch (message.type) {
      case 'ready':
        return lifetime.started()
      case 'cannot-start':
        return lifetime.failed(restoreError(message.error))
      case 'events':
        return message.events.forEach((event) => frame.listener(restoreEvent(event)))
      case 'give-away':
        return running.get(message.id)?.exchange.giveAway(message.slice)
      case 'listed':
        return running.get(message.id)?.exchange.listed()
      case 'slice-done': {
        const slice = running.get(message.id)
        running.delete(message.id)
        return message.error === undefined ? slice?.resolve() : slice?.reject(restoreError(message.error))
      }
      case 'want-keys':
        return void answerKeys(options.keysOf(message.account), message.refused).then(
          (keys) => post({ type: 'keys', id: message.id, keys }),
          (error: unknown) => post({ type: 'no-keys', id: message.id, error: flattenError(error) }),
        )
      case 'fatal':
        return frame.onFatal(restoreError(message.error))
      case 'limit':
        return frame.onLimit()
      case 'closed':
        return lifetime.closed()
    }
  }
  thread.on('message', handle)
  let dead: Error | undefined
  lifetime.onDeath((error) => {
    dead = error
    for (const { reject } of running.values()) reject(error)
    running.clear()
  })
  await lifetime.start
  const stopTaking = (): void => post({ type: 'stop-taking' })
  const stop = (): void => post({ type: 'stop' })
  onAbort(frame.signal, stopTaking)
  onAbort(frame.actSignal, stop)

  return {
    capacity: options.listings,
    run: (slice, exchange) =>
      new Promise((resolve, reject) => {
        if (dead !== undefined) return reject(dead)
        const id = ++lastId
        running.set(id, { exchange, resolve, reject })
        post({ type: 'slice', id, slice })
      }),
    close: async () => {
      frame.signal.removeEventListener('abort', stopTaking)
      frame.actSignal.removeEventListener('abort', stop)
      post({ type: 'close' })
      await lifetime.end
    },
  }
}

function onAbort(signal: AbortSignal, tell: () => void): void {
  if (signal.aborted) tell()
  else signal.addEventListener('abort', tell, { once: true })
}

function answerKeys(source: KeySource, refused: SigningKeys | undefined): Promise<SigningKeys> {
  return refused === undefined ? Promise.resolve(source.current()) : source.renew(refused)
}

function lifetimeOf(thread: Worker) {
  let started = (): void => undefined
  let failed: (error: Error) => void = () => undefined
  let closed = (): void => undefined
  let died: (error: Error) => void = () => undefined
  const start = new Promise<void>((resolve, reject) => {
    started = resolve
    failed = reject
  })
  const end = new Promise<void>((resolve) => {
    closed = resolve
  })
  thread.on('error', (error) => {
    const death = error instanceof Error ? error : new Error(String(error))
    failed(death)
    died(death)
  })
  thread.on('exit', (code) => {
    closed()
    const death = new Error(`a working thread ended early, with code ${code}`)
    failed(death)
    died(death)
  })
  return {
    start,
    end,
    started: () => started(),
    failed: (error: Error) => failed(error),
    closed: () => closed(),
    onDeath: (tell: (error: Error) => void) => void (died = tell),
  }
}
