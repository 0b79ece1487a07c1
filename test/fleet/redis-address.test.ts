import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { redisAddress } from '../../src/fleet/queue/redis-address.ts'
import { redisError } from '../../src/fleet/queue/redis-error.ts'

function failure(act: () => unknown): CrosstrailError {
  try {
    act()
  } catch (error) {
    if (error instanceof CrosstrailError) return error
  }
  throw new Error('it did not fail')
}

describe('the address of a fleet', () => {
  it.each([
    ['redis://queue', { host: 'queue', port: 6379, database: 0, user: undefined, tls: false }],
    ['redis://worker@queue:6380/3', { host: 'queue', port: 6380, database: 3, user: 'worker', tls: false }],
    ['rediss://a%40b@[::1]:1/', { host: '::1', port: 1, database: 0, user: 'a@b', tls: true }],
  ])('%s', (url, expected) => {
    expect(redisAddress(url, {})).toMatchObject({ ...expected, password: undefined, shown: url })
  })

  it('has its password from the environment only', () => {
    expect(redisAddress('redis://queue', { CROSSTRAIL_FLEET_PASSWORD: 'from-the-environment' }).password).toBe(
      'from-the-environment',
    )
    const error = failure(() => redisAddress('redis://user:hunter2secret@queue', {}))
    expect(error.code).toBe('usage.fleet-url')
    expect(JSON.stringify([error.message, error.hint, error.facts, error.stack])).not.toContain('hunter2secret')
    expect(error.hint).toContain('CROSSTRAIL_FLEET_PASSWORD')
  })

  it.each([
    '',
    'queue:6379',
    'http://queue',
    'redis://',
    'redis://queue/x',
    'redis://queue?password=hunter2secret',
    'redis://queue#x',
  ])('"%s" is refused without being shown', (url) => {
    const error = failure(() => redisAddress(url, {}))
    expect(error.code).toBe('usage.fleet-url')
    expect(`${error.message} ${error.hint}`).not.toContain('hunter2secret')
  })

  it('an empty password is refused, because it is usually a variable that was not set', () => {
    const error = failure(() => redisAddress('redis://queue', { CROSSTRAIL_FLEET_PASSWORD: '' }))
    expect(error.code).toBe('usage.fleet-url')
  })
})

describe('an error of Redis', () => {
  it.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'fleet.refused'],
    ['NOAUTH Authentication required.', 'fleet.refused'],
    ["NOPERM User worker has no permissions to run the 'info' command", 'fleet.refused'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'fleet.full'],
    ["READONLY You can't write against a read only replica.", 'fleet.full'],
    ['MISCONF Redis is configured to save RDB snapshots', 'fleet.full'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'fleet.unreachable'],
  ])('%s', (message, code) => {
    const error = redisError(
      Object.assign(new Error(message), { command: { name: 'auth', args: ['hunter2secret'] } }),
      {
        shown: 'redis://queue',
      },
    )
    expect(error.code).toBe(code)
    expect(error.hint).toBeDefined()
    expect(error.cause).toBeUndefined()
    expect(JSON.stringify(error)).not.toContain('hunter2secret')
  })
})
