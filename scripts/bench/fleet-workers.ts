import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '../../test/real/redis/redis-server.ts'
import { ownBin } from './tools.ts'

/** Workers on this machine, and the Redis that they share. */
export interface Fleet {
  readonly url: string
  readonly redis: RedisServer
  /** The peak memory of each worker so far. */
  readonly peakMegabytes: () => number[]
}

export interface FleetOptions {
  readonly env: Readonly<Record<string, string>>
  readonly workers: number
  readonly concurrency?: number
}

/** Starts workers, and ends them when `act` has ended. */
export async function withFleet<Result>(
  { env, workers: count, concurrency }: FleetOptions,
  act: (fleet: Fleet) => Promise<Result>,
): Promise<Result> {
  const redis = await startRedis()
  const more = concurrency === undefined ? [] : ['--concurrency', `${concurrency}`]
  const workers = Array.from({ length: count }, () =>
    spawn(process.execPath, [ownBin, 'worker', '--fleet', redis.url, '--quiet', ...more], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  )
  try {
    await connected(redis, workers)
    return await act({ url: redis.url, redis, peakMegabytes: () => workers.map(peakOf) })
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await Promise.all(workers.map(ended))
    await redis.stop()
  }
}

/** Resolves when all workers wait for slices. */
async function connected(redis: RedisServer, workers: readonly ChildProcess[]): Promise<void> {
  const deadlineMs = Date.now() + 60_000
  for (;;) {
    const waiting = String(await redis.client.client('LIST'))
      .split('\n')
      .filter((line) => line.includes('cmd=bzpopmin'))
    if (waiting.length === workers.length) return
    const gone = workers.find(({ exitCode }) => exitCode !== null)
    if (gone !== undefined) throw new Error(`a worker ended with ${gone.exitCode}`)
    if (Date.now() > deadlineMs) throw new Error(`${waiting.length} of ${workers.length} workers are ready`)
    await sleep(50)
  }
}

function ended(worker: ChildProcess): Promise<unknown> {
  if (worker.exitCode !== null || worker.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => worker.once('exit', resolve))
}

function peakOf({ pid }: ChildProcess): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
