import type { Worker } from 'node:worker_threads'
import { startThread } from '../loader/start-thread.ts'
import type { KeySource, SigningKeys } from '../s3/key-source.ts'
import type { LogObject } from '../trail/log-object.ts'
import type { Helper, HelperFrame } from './crew.ts'
import { MessageBatch } from './message-batch.ts'
import type { OnTaken } from './object-taker.ts'
import {
  flattenError,
  type FromThread,
  type HandedObject,
  restoreError,
  restoreOutcome,
  type TakenObject,
  type ToThread,
} from './thread-protocol.ts'

export interface ThreadHelperOptions {
  /** The module that calls `serveThread`. */
  readonly entry: URL
  /** What the entry needs to build its own bucket and action: plain data, no secret. */
  readonly job: unknown
  readonly keysOf: (account: string) => KeySource
  /** How many objects it may hold at a time. More than it acts on, so that it never waits for this thread. */
  readonly maxLoad: number
  readonly frame: HelperFrame
}

/** Starts a thread that takes objects. The sessions stay here: the thread asks for keys. Rejects if the thread cannot start. */
export async function startThreadHelper(options: ThreadHelperOptions): Promise<Helper> {
  const { frame } = options
  const thread = startThread(options.entry, options.job)
  const post = (message: ToThread): void => thread.postMessage(message)
  const handed = new HandedObjects(post)
  const lifetime = lifetimeOf(thread)

  thread.on('message', (message: FromThread) => {
    switch (message.type) {
      case 'ready':
        return lifetime.started()
      case 'cannot-start':
        return lifetime.failed(restoreError(message.error))
      case 'taken':
        message.objects.forEach((taken) => handed.taken(taken))
        return frame.onRoom(message.objects.length)
      case 'want-keys':
        return void answerKeys(options.keysOf(message.account), message.refused).then(
          (keys) => post({ type: 'keys', id: message.id, keys }),
          (error: unknown) => post({ type: 'no-keys', id: message.id, error: flattenError(error) }),
        )
      case 'fatal':
        return frame.onFatal(restoreError(message.error))
      case 'closed':
        return lifetime.closed()
    }
  })
  let isOpen = false
  lifetime.onDeath((error) => {
    if (!isOpen) return
    isOpen = false
    frame.onFatal(error)
    handed.giveUp()
    // Waiting callers must see that the run has ended.
    frame.onRoom(Infinity)
  })
  await lifetime.start
  isOpen = true
  const stopTaking = (): void => post({ type: 'stop-taking' })
  const stop = (): void => post({ type: 'stop' })
  onAbort(frame.signal, stopTaking)
  onAbort(frame.actSignal, stop)

  return {
    get load() {
      return handed.count
    },
    get maxLoad() {
      return isOpen ? options.maxLoad : 0
    },
    take: (object, account, onTaken) => handed.add(object, account, onTaken),
    close: async () => {
      isOpen = false
      frame.signal.removeEventListener('abort', stopTaking)
      frame.actSignal.removeEventListener('abort', stop)
      post({ type: 'close' })
      await lifetime.end
    },
  }
}

/** Objects that the thread was handed and has not reported. */
class HandedObjects {
  readonly #batch: MessageBatch<HandedObject>
  readonly #waiting = new Map<number, { object: LogObject; account: string; onTaken: OnTaken }>()
  #lastId = 0

  constructor(post: (message: ToThread) => void) {
    this.#batch = new MessageBatch((objects) => post({ type: 'objects', objects }))
  }

  get count(): number {
    return this.#waiting.size
  }

  add(object: LogObject, account: string, onTaken: OnTaken): void {
    const id = ++this.#lastId
    this.#waiting.set(id, { object, account, onTaken })
    this.#batch.add({ id, account, object })
  }

  taken({ id, outcome }: TakenObject): void {
    const one = this.#waiting.get(id)
    if (one === undefined) throw new Error(`a thread reported object ${id} twice`)
    this.#waiting.delete(id)
    one.onTaken(outcome && restoreOutcome(outcome, one.account, one.object))
  }

  giveUp(): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { onTaken } of all) onTaken(undefined)
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
  let started!: () => void
  let failed!: (error: Error) => void
  let closed!: () => void
  let died: (error: Error) => void = () => undefined
  const start = new Promise<void>((resolve, reject) => {
    started = resolve
    failed = reject
  })
  const end = new Promise<void>((resolve) => (closed = resolve))
  const ends = (death: Error): void => {
    failed(death)
    died(death)
  }
  thread.on('error', (error) => ends(error instanceof Error ? error : new Error(String(error))))
  thread.on('exit', (code) => {
    closed()
    ends(new Error(`a worker thread ended early, with code ${code}`))
  })
  return { start, end, started, failed, closed, onDeath: (tell: (error: Error) => void) => void (died = tell) }
}
