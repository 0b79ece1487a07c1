import type { FleetConnection } from './fleet-connection.ts'
import { workerKey, workersKey } from './keys.ts'

/** What a worker tells of itself each second. */
export interface WorkerBeat {
  readonly worker: string
  /** By run: its slices in work, and what they have done so far. */
  readonly runs: Readonly<Record<string, { readonly slices: number; readonly objects: number; readonly bytes: number }>>
}

/** A worker that has not told of itself for this long counts as gone. */
const aliveMs = 10_000

/** The workers that are connected. Redis alone measures time, because clocks of machines differ. */
export class WorkerList {
  readonly #connection: FleetConnection

  constructor(connection: FleetConnection) {
    this.#connection = connection
  }

  async beat(beat: WorkerBeat): Promise<void> {
    const { worker } = beat
    await this.#connection.askAll((change) =>
      change.set(workerKey(worker), JSON.stringify(beat), 'PX', aliveMs).sadd(workersKey, worker),
    )
  }

  async leave(worker: string): Promise<void> {
    await this.#connection.askAll((change) => change.del(workerKey(worker)).srem(workersKey, worker))
  }

  async all(): Promise<WorkerBeat[]> {
    return this.#connection.ask(async (redis) => {
      const names = await redis.smembers(workersKey)
      if (names.length === 0) return []
      const beats = await redis.mget(names.map(workerKey))
      const gone = names.filter((_, index) => beats[index] === null)
      if (gone.length > 0) await redis.srem(workersKey, ...gone)
      return beats.flatMap((text) => (text == null ? [] : [JSON.parse(text) as WorkerBeat]))
    })
  }
}
