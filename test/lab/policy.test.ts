import { describe, expect, test } from 'vitest'
import { parsePolicy, verdictOf, type PolicyStatement } from '../../src/lab/evaluate-policy.ts'

const key = 'arn:aws:s3:::bucket/AWSLogs/222222222222/log'

function verdict(statements: PolicyStatement[], action = 's3:GetObject', context = new Map<string, string>()): string {
  return verdictOf({ Version: '2012-10-17', Statement: statements }, { action, resource: key, context })
}

describe('verdictOf', () => {
  test('a policy is silent about actions that it does not name', () => {
    expect(verdict([{ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }])).toBe('silent')
  })

  test('an explicit Deny wins over an Allow, whatever their order', () => {
    const allow: PolicyStatement = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
    const deny: PolicyStatement = { Effect: 'Deny', Action: 's3:GetObject', Resource: key }
    expect([verdict([allow, deny]), verdict([deny, allow])]).toEqual(['deny', 'deny'])
  })

  test('actions match without case and with wildcards', () => {
    expect(verdict([{ Effect: 'Allow', Action: 'S3:get*', Resource: '*' }])).toBe('allow')
  })

  test('resources match with case', () => {
    expect(verdict([{ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::bucket/awslogs/*' }])).toBe('silent')
  })

  test('a wildcard in a resource matches slashes, and no other character is special', () => {
    expect(verdict([{ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::b?cket/*' }])).toBe('allow')
    expect(verdict([{ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::buck.t/*' }])).toBe('silent')
  })

  test('NotAction and NotResource invert the match', () => {
    expect(verdict([{ Effect: 'Allow', NotAction: 's3:Delete*', Resource: '*' }])).toBe('allow')
    expect(verdict([{ Effect: 'Allow', Action: '*', NotResource: key }])).toBe('silent')
  })

  test('policy variables are replaced from the request', () => {
    const own: PolicyStatement = {
      Effect: 'Allow',
      Action: '*',
      Resource: 'arn:aws:s3:::bucket/AWSLogs/${aws:PrincipalAccount}/*',
    }
    expect(verdict([own], 's3:GetObject', new Map([['aws:principalaccount', '222222222222']]))).toBe('allow')
    expect(verdict([own], 's3:GetObject', new Map([['aws:principalaccount', '333333333333']]))).toBe('silent')
  })
})

describe('parsePolicy', () => {
  test.each([
    ['invalid JSON', '{'],
    ['no statement', '{"Version":"2012-10-17"}'],
    ['a wrong effect', '{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}'],
    ['no resource', '{"Statement":{"Effect":"Allow","Action":"*"}}'],
    ['a misplaced principal', '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'],
    [
      'an operator that the lab does not know',
      '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":"5"}}}}',
    ],
  ])('refuses a policy with %s', (_, json) => {
    expect(() => parsePolicy(json, 'identity')).toThrow(expect.objectContaining({ code: 'MalformedPolicyDocument' }))
  })
})
