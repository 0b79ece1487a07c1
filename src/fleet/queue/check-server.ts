import { CrosstrailError } from '../../error.ts'
import type { FleetConnection } from './fleet-connection.ts'
import { prefix } from './keys.ts'

const oldestVersion = [6, 2] as const

/**
 * Checks that Redis can hold a queue: its version, that it never drops keys when its memory is full, and that this user may write.
 * Rejects with `fleet.unsuitable`, `fleet.refused`, `fleet.full`.
 */
export async function checkServer(connection: FleetConnection): Promise<void> {
  const { shown } = connection.address
  const facts = factsOf(await connection.ask((redis) => redis.info()))
  const version = facts.get('redis_version') ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1])) {
    throw new CrosstrailError('fleet.unsuitable', `the Redis at ${shown} has version ${version || 'unknown'}`, {
      hint: `a fleet needs Redis ${oldestVersion.join('.')} or newer`,
    })
  }
  const policy = facts.get('maxmemory_policy') ?? 'unknown'
  if (policy !== 'noeviction') {
    throw new CrosstrailError(
      'fleet.unsuitable',
      `the Redis at ${shown} may drop slices of a run when its memory is full: its maxmemory-policy is ${policy}`,
      {
        hint: 'run: redis-cli CONFIG SET maxmemory-policy noeviction, and set it in redis.conf too',
        facts: { policy },
      },
    )
  }
  await connection.ask((redis) => redis.set(`${prefix}:check`, '1', 'EX', 10))
}

function factsOf(info: string): Map<string, string> {
  const lines = info.split(/\r?\n/).map((line) => line.split(':'))
  return new Map(lines.map(([name = '', ...value]) => [name, value.join(':')]))
}
