import { expect, test } from 'vitest'
import { conditionsHold } from '../../src/lab/conditions.ts'

const context = new Map([
  ['s3:prefix', 'AWSLogs/222222222222/CloudTrail/'],
  ['aws:principalarn', 'arn:aws:iam::111111111111:role/CloudTrailLogs-B'],
  ['aws:multifactorauthpresent', 'true'],
])

test.each([
  ['StringEquals', 's3:prefix', 'AWSLogs/222222222222/CloudTrail/', true],
  ['StringEquals', 's3:prefix', 'AWSLogs/222222222222/*', false],
  ['StringEquals', 's3:delimiter', '/', false],
  ['StringEqualsIfExists', 's3:delimiter', '/', true],
  ['StringLike', 's3:prefix', 'AWSLogs/222222222222/*', true],
  ['StringLike', 's3:prefix', 'AWSLogs/333333333333/*', false],
  ['StringNotEquals', 's3:prefix', 'other', true],
  ['StringNotEquals', 's3:delimiter', '/', true],
  ['StringNotLike', 's3:prefix', 'AWSLogs/*', false],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::111111111111:role/*', true],
  ['ArnNotEquals', 'aws:PrincipalArn', 'arn:aws:iam::111111111111:role/Other', true],
  ['Bool', 'aws:MultiFactorAuthPresent', 'true', true],
  ['Bool', 'aws:SecureTransport', 'false', false],
  ['Null', 's3:delimiter', 'true', true],
  ['Null', 's3:prefix', 'true', false],
])('%s of %s and %s is %s', (operator, key, value, expected) => {
  expect(conditionsHold({ [operator]: { [key]: value } }, context)).toBe(expected)
})

test('one matching value of several is enough', () => {
  expect(conditionsHold({ StringLike: { 's3:prefix': ['x', 'AWSLogs/*'] } }, context)).toBe(true)
})

test('a negated operator must hold for all values', () => {
  expect(conditionsHold({ StringNotLike: { 's3:prefix': ['x', 'AWSLogs/*'] } }, context)).toBe(false)
})

test('all keys and all operators must hold', () => {
  const conditions = { StringLike: { 's3:prefix': 'AWSLogs/*' }, Bool: { 'aws:MultiFactorAuthPresent': 'false' } }
  expect(conditionsHold(conditions, context)).toBe(false)
})
