import { isIP } from 'node:net'
import { CrosstrailError } from '../../error.ts'
import { installHint } from '../../loader/how-installed.ts'
import type { RedisAddress } from './redis-address.ts'

export type RedisClient = import('ioredis').Redis
export type RedisChange = ReturnType<RedisClient['multi']>

/** Without an answer for this long, a connection counts as broken. Longer than the longest wait for a job. */
const silenceMs = 15_000
const longestPauseMs = 2_000

/** Starts to connect, and connects again for as long as it is not closed. Throws `usage.no-redis-client`. */
export async function newRedisClient(address: RedisAddress): Promise<RedisClient> {
  const { host, port, database, user, password, tls } = address
  const { Redis } = await load()
  return new Redis({
    host,
    port,
    db: database,
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    // TLS has names of hosts only, not addresses.
    ...(tls && { tls: isIP(host) === 0 ? { servername: host } : {} }),
    connectTimeout: 10_000,
    socketTimeout: silenceMs,
    keepAlive: 10_000,
    // Commands wait while Redis is away. How long is decided in one place: `FleetConnection`.
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), longestPauseMs),
    // BullMQ's scripts were written for this version of the protocol.
    protocol: 2,
    disableClientInfo: true,
  })
}

async function load(): Promise<Pick<typeof import('ioredis'), 'Redis'>> {
  try {
    const { Redis } = await import('ioredis')
    return { Redis }
  } catch (cause) {
    throw noRedisClient(cause)
  }
}

export function noRedisClient(cause: unknown): CrosstrailError {
  return new CrosstrailError(
    'usage.no-redis-client',
    'a fleet needs the packages bullmq and ioredis, and they cannot be loaded',
    {
      hint: installHint(['bullmq', 'ioredis']),
      cause,
    },
  )
}
