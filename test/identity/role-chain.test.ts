import { expect, test } from 'vitest'

import { CrosstrailError } from '../../src/error.ts'
import { roleChain } from '../../src/identity/role-chain.ts'
import { accountB } from './accounts.ts'

const hop = { role: 'arn:aws:iam::222222222222:role/Hop' }

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof CrosstrailError ? error.code : String(error)
  }
  return 'no error'
}

test('refuses more than an hour for a chained role before any call', () => {
  expect(codeOf(() => roleChain(accountB({ via: [hop], durationSeconds: 3601 })))).toBe('access.duration-chained')
})

test('refuses more than an hour for a second hop before any call', () => {
  expect(codeOf(() => roleChain(accountB({ via: [hop, { ...hop, durationSeconds: 7200 }] })))).toBe(
    'access.duration-chained',
  )
})

test.each(['ec2', 'ecs'] as const)('the role of %s counts as a hop for the one-hour limit', (type) => {
  expect(codeOf(() => roleChain(accountB({ credentials: { type }, durationSeconds: 7200 })))).toBe(
    'access.duration-chained',
  )
})

test('the first hop of a chain may last twelve hours', () => {
  expect(roleChain(accountB({ via: [{ ...hop, durationSeconds: 43_200 }] })).hops[0]?.durationSeconds).toBe(43_200)
})

test('a role assumed directly may last twelve hours', () => {
  expect(roleChain(accountB({ durationSeconds: 43_200 })).role.durationSeconds).toBe(43_200)
})

test('requests one hour by default', () => {
  expect(roleChain(accountB({ via: [hop] }))).toMatchObject({
    hops: [{ durationSeconds: 3600 }],
    role: { durationSeconds: 3600 },
  })
})

test('MFA and source identity go with the first call, tags with the last', () => {
  const chain = roleChain(
    accountB({ via: [hop], mfa: 'arn:aws:iam::222222222222:mfa/ana', sourceIdentity: 'ana', tags: { team: 'audit' } }),
  )
  expect(chain.hops).toMatchObject([
    { mfaSerial: 'arn:aws:iam::222222222222:mfa/ana', sourceIdentity: 'ana', tags: {} },
  ])
  expect(chain.role).toMatchObject({ mfaSerial: undefined, sourceIdentity: undefined, tags: { team: 'audit' } })
})

test('each hop has its own external ID and session name', () => {
  const chain = roleChain(
    accountB({ via: [{ ...hop, externalId: 'for-hop', sessionName: 'on-the-way' }, hop], externalId: 'for-role' }),
  )
  expect([...chain.hops, chain.role].map(({ externalId, sessionName }) => [externalId, sessionName])).toEqual([
    ['for-hop', 'on-the-way'],
    [undefined, 'crosstrail-B'],
    ['for-role', 'crosstrail-B'],
  ])
})
