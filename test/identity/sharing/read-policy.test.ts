import { expect, test } from 'vitest'
import { errorText } from '../../../src/cli/render/error-text.ts'
import { readPolicy } from '../../../src/identity/sharing/read-policy.ts'

const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
const document = { Version: '2012-10-17', Statement: [statement] }
const json = JSON.stringify(document)

test.each([
  ['a document', document],
  ['a document whose statement is not a list', { ...document, Statement: statement }],
  ['get-role', { Role: { RoleName: 'R', AssumeRolePolicyDocument: document } }],
  ['the API of IAM, URL-encoded', { Role: { RoleName: 'R', AssumeRolePolicyDocument: encodeURIComponent(json) } }],
  ['get-role-policy', { RoleName: 'R', PolicyName: 'P', PolicyDocument: document }],
  ['get-user-policy', { UserName: 'ana', PolicyName: 'P', PolicyDocument: document }],
  ['get-policy-version', { PolicyVersion: { Document: document, VersionId: 'v1' } }],
  ['get-bucket-policy and get-key-policy', { Policy: json }],
  ['get-queue-attributes and get-topic-attributes', { Attributes: { Policy: json } }],
  ['crosstrail policy', { kind: 'role', document }],
  ['a list', [document]],
])('reads what %s prints', (_, value) => {
  expect(readPolicy(JSON.stringify(value)).statements).toEqual([
    {
      title: 'statement 1',
      effect: 'Allow',
      principals: undefined,
      actions: { values: ['s3:GetObject'], allBut: false },
      resources: { values: ['*'], allBut: false },
      conditions: [],
    },
  ])
})

test('combines several policies, one per line', () => {
  expect(readPolicy(`${json}\n${json}\n`).statements).toHaveLength(2)
})

test("reads the role's name if everything belongs to one role", () => {
  const of = (RoleName: string) => ({ RoleName, PolicyDocument: document })
  expect(readPolicy(JSON.stringify([of('R'), of('R')])).roleName).toBe('R')
  expect(readPolicy(JSON.stringify([of('R'), of('S')])).roleName).toBeUndefined()
})

test.each([
  ['nothing', ''],
  ['invalid JSON', '{'],
  ['a number', '4'],
  ['an empty list', '[]'],
  ['no statement', '{"Version":"2012-10-17"}'],
  ['an empty list of statements', '{"Statement":[]}'],
  ['an element that IAM does not have', '{"Statement":{"Effect":"Allow","Actions":"*","Resource":"*"}}'],
  ['no effect', '{"Statement":{"Action":"*","Resource":"*"}}'],
  ['an effect in another case', '{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}'],
  ['both Action and NotAction', '{"Statement":{"Effect":"Deny","Action":"*","NotAction":"*","Resource":"*"}}'],
  ['no action', '{"Statement":{"Effect":"Deny","Resource":"*"}}'],
  ['an action that is not a text', '{"Statement":{"Effect":"Deny","Action":[{}],"Resource":"*"}}'],
  ['a condition that is a text', '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":"x"}}'],
  ['a principal that is a text', '{"Statement":{"Effect":"Allow","Action":"*","Principal":"arn"}}'],
  ['a document that is half encoded', '{"Policy":"%7B"}'],
])('refuses %s', (_, text) => {
  expect(() => readPolicy(text)).toThrow(expect.objectContaining({ code: 'usage.not-a-policy' }))
})

test.each(['{"sts:ExternalId": z-4711}', '{"Policy": "{\\"sts:ExternalId\\": z-4711}"}'])(
  'refuses invalid JSON without quoting it: %s',
  (text) => {
    let told = ''
    try {
      readPolicy(text)
    } catch (error) {
      told = errorText(error, 'json', (_style, words) => words)
    }
    expect(told).toContain('usage.not-a-policy')
    expect(told).not.toContain('4711')
  },
)
