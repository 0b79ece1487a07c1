import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { CrosstrailError } from '../../src/error.ts'
import { hopPolicy, sessionPolicy } from '../../src/identity/session-policy.ts'
import { roleChain } from '../../src/identity/role-chain.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { downloadRights } from '../../src/verbs/download/options.ts'
import { bucketsRights, listRights } from '../../src/verbs/list/options.ts'
import { accountB } from './accounts.ts'

interface Statement {
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource: string | string[]
  readonly Condition?: Readonly<
    Partial<Record<'StringLike' | 'StringEquals', Readonly<Record<string, string | string[]>>>>
  >
}

const id = (text: string) => text as AccountId
const trail = { bucket: 'logs', prefix: '', organization: undefined }
const many = (count: number) => Array.from({ length: count }, (_, index) => id(String(100_000_000_000 + index)))
const list = (value: string | string[] | undefined) => [value ?? []].flat()

function statementsOf(json: string): Statement[] {
  return (JSON.parse(json) as { Statement: Statement[] }).Statement
}

test('a list session may only list its log account', () => {
  const policy = sessionPolicy({ ...listRights, trail, logAccounts: [id('222222222222')], partition: 'aws' })
  expect(JSON.parse(policy.json)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::logs',
        Condition: { StringLike: { 's3:prefix': 'AWSLogs/222222222222/*' } },
      },
    ],
  })
})

test('a download session may also read and decrypt', () => {
  const { json } = sessionPolicy({
    ...downloadRights,
    trail: { ...trail, prefix: 'o-abcdefghij', organization: 'o-abcdefghij' },
    logAccounts: [id('022222222222')],
    partition: 'aws-cn',
  })
  expect(statementsOf(json).slice(1)).toEqual([
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: 'arn:aws-cn:s3:::logs/o-abcdefghij/AWSLogs/o-abcdefghij/022222222222/*',
    },
    { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*', Condition: { StringLike: { 'kms:ViaService': 's3.*' } } },
  ])
})

test('a session for all log accounts may read the whole trail, including discovery', () => {
  const { json, coarse } = sessionPolicy({ ...listRights, trail, logAccounts: 'all', partition: 'aws' })
  expect(coarse).toBe(false)
  expect(statementsOf(json)[0]?.Condition?.StringLike?.['s3:prefix']).toBe('AWSLogs/*')
})

test('a session that lists buckets may list nothing in them', () => {
  const { json } = sessionPolicy({ ...bucketsRights, trail, logAccounts: 'all', partition: 'aws' })
  expect(statementsOf(json)).toEqual([{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }])
})

test('if the log accounts do not fit, the policy is coarse but never absent', () => {
  const policy = sessionPolicy({ ...downloadRights, trail, logAccounts: many(100), partition: 'aws' })
  expect(policy.coarse).toBe(true)
  expect(statementsOf(policy.json)[1]?.Resource).toBe('arn:aws:s3:::logs/AWSLogs/*')
})

test('a policy that fits has a coarser fallback', () => {
  const request = { ...downloadRights, trail, partition: 'aws' } as const
  const { coarser } = sessionPolicy({ ...request, logAccounts: many(3) })
  expect(coarser).toBe(sessionPolicy({ ...request, logAccounts: 'all' }).json)
})

test('escapes a star in the trail prefix', () => {
  const { json } = sessionPolicy({
    ...listRights,
    trail: { ...trail, prefix: '*' },
    logAccounts: 'all',
    partition: 'aws',
  })
  expect(statementsOf(json)[0]?.Condition?.StringLike?.['s3:prefix']).toBe('${*}/AWSLogs/*')
})

test('the error for a trail whose base is too long names the option to use', () => {
  const request = {
    ...downloadRights,
    trail: { ...trail, prefix: '*'.repeat(1_000) },
    logAccounts: 'all',
    partition: 'aws',
  }
  expect(() => sessionPolicy(request as never)).toThrow(expect.objectContaining({ code: 'access.policy-too-large' }))
})

test('a hop may assume the next role and nothing else', () => {
  const { role } = roleChain(accountB())
  expect(statementsOf(hopPolicy(role, false))).toEqual([
    { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: role.role },
  ])
})

test('a hop may tag the next session and pass a source identity on', () => {
  const { role } = roleChain(accountB({ tags: { team: 'audit' } }))
  expect(statementsOf(hopPolicy(role, true))[0]?.Action).toEqual([
    'sts:AssumeRole',
    'sts:TagSession',
    'sts:SetSourceIdentity',
  ])
})

test('a hop from a source that may be an EKS pod may pass on the tags of its session', () => {
  const { role } = roleChain(accountB())
  expect(statementsOf(hopPolicy(role, false, true))[0]?.Action).toEqual(['sts:AssumeRole', 'sts:TagSession'])
})

const rightsOf = { list: listRights, download: downloadRights }
const allowed = {
  list: ['s3:ListBucket'],
  download: ['s3:ListBucket', 's3:GetObject', 'kms:Decrypt'],
} as const

test('every policy fits, is valid for STS, and stays within the trail and the verb', () => {
  const requests = fc.record({
    verb: fc.constantFrom('list' as const, 'download' as const),
    trail: fc.record({
      bucket: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
      prefix: fc.string({ unit: 'grapheme', maxLength: 60 }),
      organization: fc.option(fc.stringMatching(/^o-[a-z0-9]{10,32}$/), { nil: undefined }),
    }),
    logAccounts: fc.oneof(
      fc.constant('all' as const),
      fc.array(fc.stringMatching(/^\d{12}$/).map(id), { maxLength: 80, minLength: 1 }),
    ),
    partition: fc.constantFrom('aws', 'aws-cn', 'aws-us-gov'),
  })
  fc.assert(
    fc.property(requests, (request) => {
      let policy
      try {
        policy = sessionPolicy({ ...request, ...rightsOf[request.verb] })
      } catch (error) {
        expect(error).toBeInstanceOf(CrosstrailError)
        return
      }
      expect(policy.json.length).toBeLessThanOrEqual(2048)
      expect(policy.json).toMatch(/^[ -~]+$/)
      const { bucket, prefix, organization } = request.trail
      const base = [prefix.replaceAll(/^\/+|\/+$/g, ''), 'AWSLogs', organization]
        .filter(Boolean)
        .join('/')
        .replaceAll(/[*?$]/g, (letter) => `\${${letter}}`)
      const bucketArn = `arn:${request.partition}:s3:::${bucket}`
      for (const statement of statementsOf(policy.json)) {
        const actions = list(statement.Action)
        const verbs = new Set<string>(allowed[request.verb])
        expect(actions.every((action) => verbs.has(action))).toBe(true)
        if (actions.includes('s3:ListBucket')) {
          expect(statement.Resource).toBe(bucketArn)
          const prefixes = list(statement.Condition?.StringLike?.['s3:prefix'])
          const folders = statement.Condition?.StringEquals
          expect(prefixes.every((each) => each.startsWith(`${base}/`))).toBe(true)
          // Only the names of folders show whether logs lie beside those of an organization.
          if (prefixes.length === 0) {
            expect(folders).toEqual({
              's3:prefix': base.slice(0, -(organization ?? '').length),
              's3:delimiter': '/',
            })
          }
        }
        if (actions.includes('s3:GetObject')) {
          expect(list(statement.Resource).every((each) => each.startsWith(`${bucketArn}/${base}/`))).toBe(true)
        }
      }
    }),
    { numRuns: 200 },
  )
})

test('to verify, the credentials to start with may also list the public keys', () => {
  const needs = ['list', 'listPublicKeys'] as const
  const request = { needs, trail, logAccounts: 'all', partition: 'aws' } as const
  const { starting = [], json } = sessionPolicy(request)
  const { role } = roleChain(accountB())
  const listing = { Effect: 'Allow', Action: 'cloudtrail:ListPublicKeys', Resource: '*' }
  expect(statementsOf(json)).toContainEqual(listing)
  expect(statementsOf(hopPolicy(role, false, false, starting))).toContainEqual(listing)
  expect(sessionPolicy({ ...request, needs: ['list'] }).starting).toBeUndefined()
})

const queue = {
  url: 'https://sqs.us-east-1.amazonaws.com/222222222222/new-logs',
  arn: 'arn:aws:sqs:us-east-1:222222222222:new-logs',
  region: 'us-east-1',
  owner: id('222222222222'),
}

test('the credentials to start with may receive from the queue, and the session may not', () => {
  const asked = { ...listRights, trail, logAccounts: 'all', partition: 'aws', queue } as const
  const { json, starting } = sessionPolicy(asked)
  expect(json).not.toContain('sqs')
  expect(starting).toMatchObject([
    {
      Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      Resource: queue.arn,
    },
    {
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringLike: { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' } },
    },
  ])
})

test('for doctor the credentials to start with may only look at the queue', () => {
  const asked = { ...listRights, probes: true, trail, logAccounts: 'all', partition: 'aws', queue } as const
  expect(sessionPolicy(asked).starting).toMatchObject([{ Action: 'sqs:GetQueueAttributes', Resource: queue.arn }])
})

test('a hop policy for a source with a queue has its statements', () => {
  const { hops, role } = roleChain(accountB())
  const { starting } = sessionPolicy({ ...listRights, trail, logAccounts: 'all', partition: 'aws', queue })
  const statements = statementsOf(hopPolicy(hops[0] ?? role, false, false, starting))
  expect(statements.flatMap(({ Action }) => Action)).toContain('sqs:ReceiveMessage')
})
