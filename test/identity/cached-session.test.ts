import { expect, test } from 'vitest'
import { cachedSession, sessionIdentity } from '../../src/identity/cached-session.ts'
import type { Session } from '../../src/identity/session.ts'
import type { KeptSession, SessionCache } from '../../src/identity/session-cache.ts'
import { account } from '../cli/fixture.ts'

const minuteMs = 60_000
let nowMs = 0

const keysUntil = (expiresAtMs: number, accessKeyId = 'ASIANEW') => ({
  accessKeyId,
  secretAccessKey: 's',
  sessionToken: 't',
  expiresAtMs,
})

function world(kept?: KeptSession, keep?: () => void) {
  const store = new Map<string, KeptSession>(kept === undefined ? [] : [['id', kept]])
  const cache: SessionCache = {
    take: (identity) => store.get(identity),
    keep: (identity, session) => {
      keep?.()
      store.set(identity, session)
    },
  }
  let opened = 0
  const failures: unknown[] = []
  const open = (): Promise<Session> => {
    opened++
    return Promise.resolve({
      account: 'B',
      assumedRoleArn: 'new',
      current: () => keysUntil(nowMs + 60 * minuteMs),
      renew: () => Promise.resolve(keysUntil(nowMs + 60 * minuteMs, 'ASIARENEWED')),
      starting: () => ({ accessKeyId: 'AKIASTARTING', secretAccessKey: 'secret' }),
    })
  }
  const start = () =>
    cachedSession('B', { cache, identity: 'id', open, onFailure: (error) => failures.push(error), now: () => nowMs })
  return { start, store, failures, opened: () => opened }
}

const keptUntil = (expiresAtMs: number): KeptSession => ({
  keys: keysUntil(expiresAtMs, 'ASIAKEPT'),
  assumedRoleArn: 'kept',
})

test.each([
  [60, 'ASIAKEPT', 0],
  [5.1, 'ASIAKEPT', 0],
  [5, 'ASIANEW', 1],
  [-1, 'ASIANEW', 1],
])('a cached session with %d minutes left gives %s', async (minutes, accessKeyId, calls) => {
  nowMs = 1_000_000
  const { start, opened } = world(keptUntil(nowMs + minutes * minuteMs))
  const session = await start()
  expect(await session.current()).toMatchObject({ accessKeyId })
  expect(session.assumedRoleArn).toBe(calls === 0 ? 'kept' : 'new')
  expect(opened()).toBe(calls)
})

test('a new session is cached', async () => {
  nowMs = 1_000_000
  const { start, store } = world()
  await start()
  expect(store.get('id')).toEqual({ keys: keysUntil(nowMs + 60 * minuteMs), assumedRoleArn: 'new' })
})

test('opens a new session once when the cached one expires in use', async () => {
  nowMs = 1_000_000
  const { start, store, opened } = world(keptUntil(nowMs + 10 * minuteMs))
  const session = await start()
  nowMs += 6 * minuteMs
  await Promise.all([session.current(), session.current()])
  expect(await session.current()).toMatchObject({ accessKeyId: 'ASIANEW' })
  expect(opened()).toBe(1)
  expect(store.get('id')?.keys.accessKeyId).toBe('ASIANEW')
})

test('renews a session that the service refuses, and caches the new one', async () => {
  nowMs = 1_000_000
  const kept = keptUntil(nowMs + 60 * minuteMs)
  const { start, store } = world(kept)
  const session = await start()
  expect(await session.renew(kept.keys)).toMatchObject({ accessKeyId: 'ASIARENEWED' })
  expect(store.get('id')?.keys.accessKeyId).toBe('ASIARENEWED')
})

test('reports that a session cannot be cached, and still returns it', async () => {
  nowMs = 1_000_000
  const { start, failures } = world(undefined, () => {
    throw new Error('disk full')
  })
  expect(await (await start()).current()).toMatchObject({ accessKeyId: 'ASIANEW' })
  expect(failures).toEqual([new Error('disk full')])
})

const B = account('B', { credentials: { type: 'profile', profile: 'b' } })

test.each([
  ['another role', { role: 'arn:aws:iam::111111111111:role/Other' }],
  ['another external ID', { externalId: 'x' }],
  ['another duration', { durationSeconds: 900 }],
  ['another session name', { sessionName: 'x' }],
  ['another profile', { credentials: { type: 'profile', profile: 'c' } }],
  ['another chain of roles', { via: [{ role: 'arn:aws:iam::333333333333:role/Hop' }] }],
  ['other tags', { tags: { a: 'b' } }],
  ['MFA', { mfa: 'arn:aws:iam::444444444444:mfa/ana' }],
] as const)('%s is another session', (_what, changes) => {
  expect(sessionIdentity({ ...B, ...changes }, 'p', {})).not.toBe(sessionIdentity(B, 'p', {}))
})

test('another policy, another environment variable for credentials and another STS each make another session', () => {
  const identities = [
    sessionIdentity(B, 'p', {}),
    sessionIdentity(B, 'q', {}),
    sessionIdentity(B, undefined, {}),
    sessionIdentity(B, 'p', { AWS_ACCESS_KEY_ID: 'AKIA1' }),
    sessionIdentity(B, 'p', { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1' }),
    sessionIdentity(B, 'p', { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1' }),
    sessionIdentity(B, 'p', { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/run/token' }),
  ]
  expect(new Set(identities).size).toBe(identities.length)
})

test('AWS_PROFILE makes another session only if it names the caller', () => {
  const chain = account('B', { credentials: { type: 'chain' } })
  expect(sessionIdentity(chain, 'p', { AWS_PROFILE: 'a' })).not.toBe(sessionIdentity(chain, 'p', {}))
  // A command sees the variable in its environment
  const command = account('B', { credentials: { type: 'process', command: 'aws configure export-credentials' } })
  expect(sessionIdentity(command, 'p', { AWS_PROFILE: 'a' })).not.toBe(sessionIdentity(command, 'p', {}))
  expect(sessionIdentity(B, 'p', { AWS_PROFILE: 'a' })).toBe(sessionIdentity(B, 'p', {}))
})

test('the starting credentials of a cached session come from the config, and open a session', async () => {
  nowMs = 1_000_000
  const { start, opened } = world(keptUntil(nowMs + 60 * minuteMs))
  const session = await start()
  expect(await session.starting()).toMatchObject({ accessKeyId: 'AKIASTARTING' })
  expect(opened()).toBe(1)
})
