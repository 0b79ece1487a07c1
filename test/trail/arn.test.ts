import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRoleArn } from '../../src/trail/arn.ts'
import { partitions } from '../../src/trail/region.ts'
import { accountIds } from './arbitrary-key.ts'

test('a role without a path has the path /', () => {
  expect(parseRoleArn('arn:aws:iam::011111111111:role/CloudTrailLogs-B')).toEqual({
    partition: 'aws',
    accountId: '011111111111',
    roleName: 'CloudTrailLogs-B',
    path: '/',
  })
})

test("a role's path keeps its slashes", () => {
  expect(parseRoleArn('arn:aws-us-gov:iam::111111111111:role/audit/logs/Reader')).toMatchObject({
    partition: 'aws-us-gov',
    roleName: 'Reader',
    path: '/audit/logs/',
  })
})

test('parsing returns the parts that the ARN was made of', () => {
  const names = fc.stringMatching(/^[\w+=,.@-]{1,64}$/)
  const paths = fc.constantFrom('/', '/a/', '/a/b/', '/service-role/')
  fc.assert(
    fc.property(fc.constantFrom(...partitions), accountIds, paths, names, (partition, accountId, path, roleName) => {
      const arn = `arn:${partition}:iam::${accountId}:role${path}${roleName}`
      expect(parseRoleArn(arn)).toEqual({ partition, accountId, roleName, path })
    }),
  )
})

test.each([
  '',
  'role/A',
  'arn:aws:iam::111111111111:user/ana',
  'arn:aws:sts::111111111111:assumed-role/A/session',
  'arn:aws:iam::11111111111:role/A',
  'arn:aws:iam:us-east-1:111111111111:role/A',
  'arn:aws:iam::111111111111:role/',
  'arn:aws:iam::111111111111:role/audit/',
  'arn:aws:iam::111111111111:role/with space',
  'arn:aws:iam::111111111111:role/A\n',
  'arn:amazon:iam::111111111111:role/A',
  `arn:aws:iam::111111111111:role/${'a'.repeat(65)}`,
])('"%s" is not the ARN of a role', (arn) => {
  expect(parseRoleArn(arn)).toBeUndefined()
})
