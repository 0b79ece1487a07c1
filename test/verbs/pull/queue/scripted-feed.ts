import type { FeedMessage, FeedNumbers, MessageFeed } from '../../../../src/queue/feed-message.ts'
import { labBucket } from '../../../../src/lab/fixture.ts'

/** Messages that the test gives to a pull. */
export class ScriptedFeed implements MessageFeed {
  /** How each message ended, in the order of their ends: its first key, and `done` or the reason for which it was left. */
  readonly ends: { readonly key: string; readonly end: string }[] = []
  /** Called before a message counts as deleted. */
  onDone: (keys: readonly string[]) => void = () => undefined
  failure: Error | undefined
  #messages: FeedMessage[] = []
  #isDrained = false
  #wake: () => void = () => undefined

  send(keys: string | readonly string[], bucket = labBucket): void {
    const all = typeof keys === 'string' ? [keys] : keys
    const end = (how: string) => void this.ends.push({ key: all[0] ?? '', end: how })
    this.#messages.push({
      objects: all.map((key) => ({ bucket, key })),
      sentAtMs: undefined,
      done: () => {
        this.onDone(all)
        end('done')
      },
      leave: end,
    })
    this.#wake()
  }

  /** From now on a pull ends when nothing waits. */
  drain(): this {
    this.#isDrained = true
    this.#wake()
    return this
  }

  async next(signal: AbortSignal): Promise<readonly FeedMessage[]> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure
      if (signal.aborted) return []
      if (this.#messages.length > 0) return this.#messages.splice(0)
      if (this.#isDrained) return []
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  numbers(): FeedNumbers {
    const none = new Map<never, never>()
    return {
      received: 0,
      deleted: 0,
      left: none,
      ignored: 0,
      inFlight: 0,
      oldestMs: undefined,
      remaining: none,
      stuck: none,
    }
  }
}
