import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { policyCloudFormationLines } from '../../../src/cli/render/policy-cloudformation.ts'
import type { PolicyOptions } from '../../../src/verbs/policy/options.ts'
import { policySet } from './policy-set.ts'

interface Template {
  readonly AWSTemplateFormatVersion: string
  readonly Metadata?: { readonly AddByHand: readonly { readonly To: string }[] }
  readonly Parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly Resources: Readonly<
    Record<string, { Type: string; Properties: Readonly<Record<string, unknown>>; DependsOn?: readonly string[] }>
  >
}

let spec: ReturnType<typeof loadAwsServiceSpecSync>
beforeAll(() => {
  spec = loadAwsServiceSpecSync()
})

function template(inAccount: string, changes: PolicyOptions = {}, version: '1.1' | '1.2' = '1.1'): Template {
  const lines = policyCloudFormationLines(policySet({ inAccount: inAccount as never, ...changes }))
  return parse(lines.join('\n'), { version }) as Template
}

const accounts = ['111111111111', '222222222222', '333333333333', '444444444444']

test.each(accounts)('every resource for %s has an existing type, only its properties, and all required ones', (id) => {
  const { Resources, AWSTemplateFormatVersion } = template(id)
  expect(AWSTemplateFormatVersion).toBe('2010-09-09')
  expect(Object.keys(Resources).length).toBeGreaterThan(0)
  for (const [name, { Type, Properties, DependsOn = [] }] of Object.entries(Resources)) {
    expect(name).toMatch(/^[A-Za-z0-9]+$/)
    const known = spec.lookup('resource', 'cloudFormationType', 'equals', Type).only().properties
    expect(Object.keys(Properties).filter((property) => !(property in known))).toEqual([])
    const required = Object.entries(known).filter(([, property]) => property.required === true)
    expect(required.filter(([property]) => !(property in Properties)).map(([property]) => property)).toEqual([])
    expect(DependsOn.filter((other) => !(other in Resources))).toEqual([])
  }
})

test.each(accounts)('readers of YAML 1.1 and 1.2 read the same template for %s', (id) => {
  expect(template(id, {}, '1.1')).toEqual(template(id, {}, '1.2'))
})

test('contains the same documents as json', () => {
  const inAccount = '333333333333' as never
  const { Resources } = template(inAccount)
  const documents = Object.values(Resources).flatMap(
    ({ Properties }) => Properties['PolicyDocument'] ?? Properties['AssumeRolePolicyDocument'] ?? [],
  )
  expect(documents).toEqual(policySet({ inAccount }).policies.map(({ document }) => document))
})

test('an external ID is a hidden parameter, and its value appears nowhere', () => {
  const { Parameters, Resources } = template('111111111111')
  expect(Parameters?.['ExternalIdZ']).toMatchObject({ NoEcho: true })
  expect(JSON.stringify(Resources)).toContain('{"sts:ExternalId":{"Ref":"ExternalIdZ"}}')
  expect(JSON.stringify(Resources)).not.toContain('z-secret')
})

test('policies of buckets and keys are to be changed by hand, because a template could only replace them', () => {
  const { Metadata, Resources } = template('111111111111')
  expect(Metadata?.AddByHand.map(({ To }) => To)).toEqual([
    'the policy of bucket example-cloudtrail-logs',
    'arn:aws:kms:us-east-1:111111111111:key/1-a',
  ])
  expect(Object.values(Resources).map(({ Type }) => Type)).not.toContain('AWS::S3::BucketPolicy')
})
