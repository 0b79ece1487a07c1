import type { CrosstrailError } from '../../error.ts'
import { interrupted } from '../../s3/interrupted.ts'
import { newRedisClient, type RedisChange, type RedisClient } from './ioredis.ts'
import type { RedisAddress } from './redis-address.ts'
import { isLasting, redisError } from './redis-error.ts'

export interface ConnectionOptions {
  readonly address: RedisAddress
  /** How long Redis may be away after it was reached once. */
  readonly patienceMs: number
  /** How long to try to reach it at first. */
  readonly connectMs: number
  readonly signal: AbortSignal
  readonly onNote: (code: string, message: string) => void
}

/** A connection that outlasts a restart of Redis. Commands wait meanwhile, and reject with `fleet.…` if Redis stays away. */
export class FleetConnection {
  readonly redis: RedisClient
  readonly address: RedisAddress
  readonly #lost = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #waiting = new Set<(error: Error) => void>()
  #awaySinceMs: number | undefined = performance.now()
  #wasReached = false
  #lastError: CrosstrailError | undefined

  /** Rejects with `fleet.unreachable`, `fleet.refused`, `usage.no-redis-client`, `interrupted`. */
  static async open(options: ConnectionOptions): Promise<FleetConnection> {
    const connection = new FleetConnection(await newRedisClient(options.address), options)
    try {
      await connection.#reached(options.signal)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  private constructor(redis: RedisClient, { address, patienceMs, connectMs, onNote }: ConnectionOptions) {
    this.redis = redis
    this.address = address
    redis.on('error', (error: unknown) => this.sawError(error))
    redis.on('close', () => {
      if (this.#awaySinceMs !== undefined || this.#lost.signal.aborted) return
      this.#awaySinceMs = performance.now()
      const minutes = Math.max(1, Math.round(patienceMs / 60_000))
      onNote(
        'fleet.unreachable',
        `the Redis at ${address.shown} closed the connection; trying again for up to ${minutes} min`,
      )
    })
    redis.on('ready', () => {
      if (this.#wasReached) onNote('fleet.reached', `the Redis at ${address.shown} answers again`)
      this.#wasReached = true
      this.#awaySinceMs = undefined
    })
    this.#timer = setInterval(() => {
      if (this.#awaySinceMs === undefined) return
      const limitMs = this.#wasReached ? patienceMs : connectMs
      if (performance.now() - this.#awaySinceMs > limitMs) this.#giveUp()
    }, 100).unref()
  }

  /** Aborted when Redis was away for too long, or refuses. Its reason is the error. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Runs commands. Rejects with `fleet.…`. */
  async ask<T>(commands: (redis: RedisClient) => Promise<T>): Promise<T> {
    this.#lost.signal.throwIfAborted()
    try {
      return await this.#orLost(commands(this.redis))
    } catch (error) {
      this.#lost.signal.throwIfAborted()
      throw redisError(error, this.address)
    }
  }

  /** Runs commands as one. The client itself only reports whether they were sent, so this also rejects if one of them failed. */
  async askAll(add: (change: RedisChange) => RedisChange): Promise<void> {
    await this.ask(async (redis) => {
      const answers = await add(redis.multi()).exec()
      const failed = answers?.find(([error]) => error !== null)
      if (failed !== undefined) throw failed[0] ?? new Error('no answer')
    })
  }

  /** The client forgets commands that wait for a connection when it is closed, so this gives them up. */
  #orLost<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject)
      answer.then(resolve, reject).finally(() => this.#waiting.delete(reject))
    })
  }

  /** Takes note of an error event of a client. */
  sawError(error: unknown): void {
    this.#lastError = redisError(error, this.address)
    if (isLasting(this.#lastError)) this.#giveUp()
  }

  /** Commands that still wait reject. */
  close(): void {
    clearInterval(this.#timer)
    this.redis.disconnect()
  }

  #giveUp(): void {
    clearInterval(this.#timer)
    const error = this.#lastError ?? redisError(new Error('no answer'), this.address)
    this.#lost.abort(error)
    this.redis.disconnect()
    for (const reject of this.#waiting) reject(error)
  }

  async #reached(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const lose = (): void => reject(this.#lost.signal.reason as Error)
      const stop = (): void => reject(interrupted(signal))
      if (signal.aborted) stop()
      if (this.#lost.signal.aborted) lose()
      this.redis.once('ready', () => resolve())
      this.#lost.signal.addEventListener('abort', lose, { once: true })
      signal.addEventListener('abort', stop, { once: true })
    })
  }
}
