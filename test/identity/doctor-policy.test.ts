import { expect, test } from 'vitest'
import { sessionPolicy } from '../../src/identity/session-policy.ts'
import type { Verb } from '../../src/config/config.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { doctorRights } from '../../src/verbs/doctor/options.ts'
import { account } from '../cli/fixture.ts'

const request = {
  probes: true,
  trail: { bucket: 'logs', prefix: '' },
  logAccounts: ['222222222222' as AccountId],
  partition: 'aws',
} as const

const needsOf = (allow: readonly Verb[], target?: { bucket: string; prefix: string }) =>
  doctorRights({ ...account('B'), allow }, target)

interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
}

function statementsOf(json: string): readonly Statement[] {
  return (JSON.parse(json) as { Statement: readonly Statement[] }).Statement
}

function resourcesOf(json: string, action: string): unknown[] {
  return statementsOf(json)
    .filter(({ Action }) => [Action].flat().includes(action))
    .map(({ Resource }) => Resource)
}

test('grants no write right if the account only reads', () => {
  const { json } = sessionPolicy({ ...request, ...needsOf(['download']) })
  const actions = statementsOf(json).flatMap(({ Action }) => Action)
  expect(actions.filter((action) => !/^(s3:(Get|List)|kms:Decrypt)/.test(action))).toEqual([])
})

test('grants no read right if the account only lists', () => {
  expect(sessionPolicy({ ...request, ...needsOf(['list']) }).json).not.toContain('s3:GetObject"')
})

test('grants write rights only under names that no object has', () => {
  const target = { bucket: 'archive', prefix: 'copies/' }
  const { json } = sessionPolicy({ ...request, ...needsOf(['copy', 'delete'], target) })
  expect(resourcesOf(json, 's3:DeleteObject')).toEqual(['arn:aws:s3:::logs/AWSLogs/222222222222/*crosstrail-doctor-*'])
  expect(resourcesOf(json, 's3:PutObject')).toEqual(['arn:aws:s3:::archive/copies/*crosstrail-doctor-*'])
  expect(json.length).toBeLessThan(2_048)
})

test("grants the right to list without a condition, so that the role's own conditions apply", () => {
  const listing = statementsOf(sessionPolicy({ ...request, ...needsOf(['list']) }).json).find(({ Action }) =>
    [Action].flat().includes('s3:ListBucket'),
  )
  expect(listing).not.toHaveProperty('Condition')
})
