import { setMaxListeners } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { interrupted } from '../s3/interrupted.ts'
import type { KeySource, SigningKeys } from '../s3/key-source.ts'
import { MessageBatch } from './message-batch.ts'
import { ObjectTaker, type OnTaken, type TakerOptions } from './object-taker.ts'
import {
  flattenError,
  flattenOutcome,
  type FromThread,
  type HandedObject,
  restoreError,
  type TakenObject,
  type ToThread,
} from './thread-protocol.ts'

export interface ThreadFrame {
  readonly actSignal: AbortSignal
  readonly keysOf: (account: string) => KeySource
}

/** What a thread acts with, and how to close it. */
export interface ThreadWork<B> extends Pick<TakerOptions<B>, 'bucketOf' | 'action' | 'maxTasks'> {
  readonly close: () => Promise<void>
}

/** Takes the objects that arrive through a port, inside a helper thread. `open` builds what it acts with. */
export function serveThread<B>(port: MessagePort, open: (frame: ThreadFrame) => ThreadWork<B>): void {
  const post = (message: FromThread): void => port.postMessage(message)
  const stopTaking = new AbortController()
  const stop = new AbortController()
  // Every call under way listens to them, and there are hundreds.
  setMaxListeners(0, stopTaking.signal, stop.signal)
  const keys = new RemoteKeys(post)
  const taken = new MessageBatch<TakenObject>((objects) => post({ type: 'taken', objects }))
  const actSignal = stop.signal
  const onFatal = (error: unknown): void => post({ type: 'fatal', error: flattenError(error) })
  let work: ThreadWork<B>
  try {
    work = open({ actSignal, keysOf: (account) => keys.of(account) })
  } catch (error) {
    post({ type: 'cannot-start', error: flattenError(error) })
    return port.close()
  }
  const taker = new ObjectTaker<B>({ ...work, actSignal, onFatal })

  const takeOne = async ({ id, object, account }: HandedObject): Promise<void> => {
    const onTaken: OnTaken = (outcome) => taken.add({ id, outcome: outcome && flattenOutcome(outcome) })
    while (taker.isFull && !stopTaking.signal.aborted) await taker.room()
    if (stopTaking.signal.aborted) onTaken(undefined)
    else await taker.take(object, account, undefined, onTaken)
  }
  let queue = Promise.resolve()
  const takeAll = async (objects: readonly HandedObject[]): Promise<void> => {
    for (const one of objects) await takeOne(one).catch(onFatal)
  }
  const close = async (): Promise<void> => {
    await queue
    await taker.close()
    await work.close()
    taken.flush()
    post({ type: 'closed' })
    port.close()
  }
  port.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'objects':
        // One after the other, to keep the order of the messages.
        queue = queue.then(() => takeAll(message.objects))
        return
      case 'keys':
        return keys.take(message.id, message.keys)
      case 'no-keys':
        return keys.fail(message.id, restoreError(message.error))
      case 'stop-taking':
        stopTaking.abort(interrupted(undefined))
        return taker.wake(Infinity)
      case 'stop':
        return stop.abort(interrupted(undefined))
      case 'close':
        return void close()
    }
  })
  post({ type: 'ready' })
}

/** Keys are requested again after this time, so that this thread uses a session that the run's thread has refreshed. */
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
