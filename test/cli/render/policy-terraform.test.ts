import { parse } from '@cdktf/hcl2json'
import { expect, test } from 'vitest'
import { policyTerraformLines } from '../../../src/cli/render/policy-terraform.ts'
import type { PolicySet } from '../../../src/verbs/policy/policies.ts'
import { policySet } from './policy-set.ts'

type Blocks = Readonly<Record<string, Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>>>
interface Terraform {
  readonly resource: Blocks
  readonly data?: Blocks
  readonly variable?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
  readonly provider?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
}

async function parsed(set: PolicySet): Promise<Terraform> {
  return (await parse('policy.tf', policyTerraformLines(set).join('\n'))) as unknown as Terraform
}

test('is HCL, with a resource for each policy', async () => {
  const { resource } = await parsed(policySet())
  const counts = Object.entries(resource).map(([type, blocks]) => [type, Object.keys(blocks).length])
  expect(Object.fromEntries(counts)).toEqual({
    aws_iam_policy: 2,
    aws_iam_role: 5,
    aws_iam_role_policy: 5,
    aws_iam_instance_profile: 1,
    aws_s3_bucket_policy: 1,
    aws_kms_key_policy: 1,
  })
})

test('contains the same documents as json', async () => {
  const set = policySet(
    { inAccount: '111111111111' as never, showExternalIds: true, byBucketPolicy: false },
    'a${*}%{b}"é',
  )
  const { resource } = await parsed(set)
  const blocks = Object.values(resource['aws_iam_role_policy'] ?? {}).flatMap((block) => block)
  const roles = set.policies.filter(({ kind }) => kind === 'role')
  expect(blocks.map(({ policy }) => jsonencoded(String(policy)))).toEqual(roles.map(({ document }) => document))
})

test('an external ID is a sensitive variable, and its value appears nowhere', async () => {
  const set = policySet()
  const text = policyTerraformLines(set).join('\n')
  expect(text).not.toContain('z-secret-external-id-9876')
  expect(text).toContain('"sts:ExternalId" = "${var.external_id_Z}"')
  const { variable } = await parsed(set)
  expect(variable?.['external_id_Z']?.[0]).toMatchObject({ sensitive: true })
})

test('several AWS accounts have one provider each, which accepts no other account', async () => {
  const { provider, resource } = await parsed(policySet())
  expect(provider?.['aws']?.flatMap(({ allowed_account_ids: ids }) => ids).toSorted()).toEqual([
    '111111111111',
    '222222222222',
    '333333333333',
    '444444444444',
  ])
  const role = resource['aws_iam_role']?.['crosstrail_trust_CloudTrailLogs_B']?.[0]
  expect(role?.['provider']).toBe('${aws.account_111111111111}')
})

test('a role depends on the role that it trusts', async () => {
  const { resource } = await parsed(policySet())
  const role = resource['aws_iam_role']?.['crosstrail_trust_CloudTrailLogs_C']?.[0]
  expect(role?.['depends_on']).toEqual(['${aws_iam_role.crosstrail_hop_trust_AssumeRoleInA}'])
})

test("keeps the existing statements of a bucket's policy, and does not destroy them", async () => {
  const { resource, data } = await parsed(policySet())
  const merged = data?.['aws_iam_policy_document']?.['crosstrail_bucket']?.[0]
  expect(merged?.['source_policy_documents']).toEqual(['${data.aws_s3_bucket_policy.crosstrail_bucket.policy}'])
  const bucket = resource['aws_s3_bucket_policy']?.['crosstrail_bucket']?.[0]
  expect(bucket).toMatchObject({
    policy: '${data.aws_iam_policy_document.crosstrail_bucket.json}',
    lifecycle: [{ prevent_destroy: true }],
  })
})

/** The value of a `jsonencode` that we wrote: an HCL object without commas, as JSON. */
function jsonencoded(expression: string): unknown {
  const body = /^\$\{jsonencode\(([^]*)\)\}$/.exec(expression)?.[1]
  if (body === undefined) throw new Error(`no jsonencode: ${expression}`)
  const json = body
    .replaceAll(/^(\s*)("(?:[^"\\]|\\.)*") = /gm, '$1$2: ')
    .replaceAll(/(["\]}])\n(?=\s*")/g, '$1,\n')
    .replaceAll(/,(\s*[\]}])/g, '$1')
    .replaceAll('$${', '${')
    .replaceAll('%%{', '%{')
  return JSON.parse(json)
}
