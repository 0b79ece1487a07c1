import type { FeedMessage } from '../../../queue/feed-message.ts'
import type { LeaveReason } from '../../../queue/left-messages.ts'

interface OpenMessage {
  readonly message: FeedMessage
  /** Its keys without a result. */
  readonly open: Set<string>
  /** Why it cannot be deleted. */
  reason: LeaveReason | undefined
}

/**
 * Follows messages until all of their keys have a result. A message is done only if each of its logs is durable and covered; otherwise it is left. A key
 * that two messages name is taken once.
 */
export class MessageBook {
  readonly #byKey = new Map<string, OpenMessage[]>()
  readonly #messages = new Set<OpenMessage>()
  /** Keys whose logs arrived, but are not covered yet. */
  #arrived: string[] = []

  /** Adds a message with the keys that must be covered. Returns those of them that nothing is known about yet: take these. */
  add(message: FeedMessage, keys: readonly string[], reason?: LeaveReason): string[] {
    const entry: OpenMessage = { message, open: new Set(keys), reason }
    if (entry.open.size === 0) {
      end(entry)
      return []
    }
    this.#messages.add(entry)
    const fresh: string[] = []
    for (const key of entry.open) {
      const known = this.#byKey.get(key)
      if (known === undefined) {
        this.#byKey.set(key, [entry])
        fresh.push(key)
      } else known.push(entry)
    }
    return fresh
  }

  /** Records that a log arrived. It counts when the coverage that names it is stored. */
  arrived(key: string): void {
    if (this.#byKey.has(key)) this.#arrived.push(key)
  }

  /** Records that a log was not taken, so that its messages stay in the queue. */
  left(key: string, reason: LeaveReason): void {
    this.#settle(key, reason)
  }

  /** Returns the keys that arrived since the last call. Give them to `covered` when they are. */
  takeArrived(): readonly string[] {
    const arrived = this.#arrived
    this.#arrived = []
    return arrived
  }

  covered(keys: readonly string[]): void {
    for (const key of keys) this.#settle(key, undefined)
  }

  /** The number of messages without a result. */
  get size(): number {
    return this.#messages.size
  }

  /** Gives back all messages without a result. */
  giveBack(reason: 'interrupted' | 'failed'): void {
    for (const { message } of this.#messages) message.leave(reason)
    this.#messages.clear()
    this.#byKey.clear()
    this.#arrived = []
  }

  #settle(key: string, reason: LeaveReason | undefined): void {
    const entries = this.#byKey.get(key) ?? []
    this.#byKey.delete(key)
    for (const entry of entries) {
      entry.reason ??= reason
      entry.open.delete(key)
      if (entry.open.size > 0) continue
      this.#messages.delete(entry)
      end(entry)
    }
  }
}

function end({ message, reason }: OpenMessage): void {
  if (reason === undefined) message.done()
  else message.leave(reason)
}
