import { setMaxListeners } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { CrosstrailError } from '../error.ts'
import type { KeySource, SigningKeys } from '../s3/credentials.ts'
import type { RunEvent } from './run-event.ts'
import type { WorkerFrame } from './run.ts'
import { Hunger, type SliceWorker } from './slice-worker.ts'
import { flattenError, flattenEvent, type FromThread, restoreError, type ToThread } from './thread-protocol.ts'

export interface ThreadFrame extends WorkerFrame {
  readonly keysOf: (account: string) => KeySource
}

const eventsPerMessage = 256
const eventDelayMs = 50

/** Serves slices that come through a port, inside a working thread. `open` builds the worker from what the thread was given. */
export async function serveThread(
  port: MessagePort,
  hunger: SharedArrayBuffer,
  open: (frame: ThreadFrame) => Promise<SliceWorker>,
): Promise<void> {
  const post = (message: FromThread): void => port.postMessage(message)
  const stopTaking = new AbortController()
  const stop = new AbortController()
  // Every call under way listens to them, and there are hundreds.
  setMaxListeners(0, stopTaking.signal, stop.signal)
  const keys = new RemoteKeys(post)
  const events = new EventBatch((batch) => post({ type: 'events', events: batch.map(flattenEvent) }))
  const frame: ThreadFrame = {
    hunger: new Hunger(hunger),
    listener: (event) => events.add(event),
    signal: stopTaking.signal,
    actSignal: stop.signal,
    onFatal: (error) => post({ type: 'fatal', error: flattenError(error) }),
    onLimit: () => post({ type: 'limit' }),
    keysOf: (account) => keys.of(account),
  }
  let worker: SliceWorker
  try {
    worker = await open(frame)
  } catch (error) {
    post({ type: 'cannot-start', error: flattenError(error) })
    return port.close()
  }

  const runSlice = async ({ id, slice }: ToThread & { type: 'slice' }): Promise<void> => {
    let failure: unknown
    try {
      await worker.run(slice, {
        giveAway: (part) => post({ type: 'give-away', id, slice: part }),
        listed: () => {
          events.flush()
          post({ type: 'listed', id })
        },
      })
    } catch (error) {
      failure = error
    }
    // The run must have every outcome of a slice before it hears that the slice is through.
    events.flush()
    post({ type: 'slice-done', id, error: failure === undefined ? undefined : flattenError(failure) })
  }
  const close = async (): Promise<void> => {
    await worker.close()
    events.flush()
    post({ type: 'closed' })
    port.close()
  }
  port.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'slice':
        return void runSlice(message)
      case 'keys':
        return keys.take(message.id, message.keys)
      case 'no-keys':
        return keys.fail(message.id, restoreError(message.error))
      case 'stop-taking':
        return stopTaking.abort(new CrosstrailError('interrupted', 'the run was interrupted'))
      case 'stop':
        return stop.abort(new CrosstrailError('interrupted', 'the run was interrupted'))
      case 'close':
        return void close()
    }
  })
  post({ type: 'ready' })
}

/** Outcomes go over in batches: a message each would cost more than the object. */
class EventBatch {
  readonly #send: (events: readonly RunEvent[]) => void
  #events: RunEvent[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(send: (events: readonly RunEvent[]) => void) {
    this.#send = send
  }

  add(event: RunEvent): void {
    this.#events.push(event)
    if (this.#events.length >= eventsPerMessage) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), eventDelayMs)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#events.length === 0) return
    this.#send(this.#events)
    this.#events = []
  }
}

/** Keys are asked for again after this long, so that a session refreshed over there is used here. */
const keysKeptMs = 1000

class RemoteKeys {
  readonly #post: (message: FromThread) => void
  readonly #waiting = new Map<number, { resolve: (keys: SigningKeys) => void; reject: (error: Error) => void }>()
  readonly #sources = new Map<string, KeySource>()
  #lastId = 0

  constructor(post: (message: FromThread) => void) {
    this.#post = post
  }

  of(account: string): KeySource {
    let source = this.#sources.get(account)
    if (source === undefined) this.#sources.set(account, (source = this.#open(account)))
    return source
  }

  take(id: number, keys: SigningKeys): void {
    this.#waiting.get(id)?.resolve(keys)
    this.#waiting.delete(id)
  }

  fail(id: number, error: Error): void {
    this.#waiting.get(id)?.reject(error)
    this.#waiting.delete(id)
  }

  #open(account: string): KeySource {
    let kept: { keys: SigningKeys; untilMs: number } | undefined
    let asked: Promise<SigningKeys> | undefined
    const ask = async (refused?: SigningKeys): Promise<SigningKeys> => {
      try {
        const keys = await this.#ask(account, refused)
        kept = { keys, untilMs: Date.now() + keysKeptMs }
        return keys
      } finally {
        asked = undefined
      }
    }
    return {
      current: () => (kept !== undefined && Date.now() < kept.untilMs ? kept.keys : (asked ??= ask())),
      renew: (refused) => ask(refused),
    }
  }

  #ask(account: string, refused: SigningKeys | undefined): Promise<SigningKeys> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#waiting.set(id, { resolve, reject })
      this.#post({ type: 'want-keys', id, account, refused })
    })
  }
}
