import type { SharingPolicy, SharingSetting } from '../../identity/sharing/sharing-policy.ts'
import type { PolicySet } from '../../verbs/policy/policies.ts'
import { queueBlocks, settingBlocks, topicBlocks } from './announcing-terraform.ts'
import { escapeText } from './escape.ts'
import { policiesBefore, rolesBefore, uniqueNames } from './policy-order.ts'
import { hclBlock, hclCall, hclExpression, type HclFields } from './hcl.ts'
import { currentPolicy, keepLines, mergedDocument } from './terraform-merge.ts'

/** The lines of `--format terraform`: resources of the AWS provider. Several AWS accounts get one provider each. */
export function policyTerraformLines({ policies, settings, externalIds }: PolicySet): readonly string[] {
  const accounts = [...new Set([...policies, ...settings].map(({ inAccount }) => inAccount))]
  const names = uniqueNames(policies, ({ name }) => name.replaceAll(/[^\w]/g, '_'), '_')
  const roles = new Map(
    policies.flatMap((policy) =>
      policy.attachment.type === 'role-trust' ? [[roleKey(policy), names.get(policy) ?? ''] as const] : [],
    ),
  )
  const variables = externalIds.map(({ of, token, variable }) => ({
    token,
    of,
    name: `external_id_${variable}`,
  }))
  const substitute = (text: string): string =>
    variables.reduce((filled, { token, name }) => filled.replaceAll(token, () => `\${var.${name}}`), text)
  return [
    ...variables.flatMap(({ of, name }) => [
      ...hclBlock(['variable', name], {
        description: `The external ID of ${of}`,
        type: hclExpression('string'),
        sensitive: true,
      }),
      '',
    ]),
    ...(accounts.length > 1 ? accounts.flatMap((account) => providerLines(account)) : []),
    ...policies.flatMap((policy) => {
      const own = names.get(policy) ?? ''
      const provider = providerOf(policy, accounts)
      const before = rolesBefore(policy, policies).map((role) => hclExpression(`aws_iam_role.${names.get(role) ?? ''}`))
      const more: HclFields = before.length > 0 ? { ...provider, depends_on: before } : provider
      const blocks = blocksOf(policy, own, roles.get(roleKey(policy)), more)
      return [...commentOf(policy), ...blocks.flatMap((block) => [...block.map(substitute), ''])]
    }),
    ...settings.flatMap((setting) => {
      const before = policiesBefore(setting, policies).map((policy) =>
        hclExpression(`${resourceOf(policy)}.${names.get(policy) ?? ''}`),
      )
      const own = setting.name.replaceAll(/[^\w]/g, '_')
      const depends: HclFields = before.length > 0 ? { depends_on: before } : {}
      const blocks = settingBlocks(setting, own, providerOf(setting, accounts), depends)
      return [...commentOf(setting), ...blocks.flatMap((block) => [...block, ''])]
    }),
  ].slice(0, -1)
}

function providerOf({ inAccount }: SharingPolicy | SharingSetting, accounts: readonly string[]): HclFields {
  return accounts.length > 1 ? { provider: hclExpression(`aws.${alias(inAccount)}`) } : {}
}

/** The type of the resource that has the policy. */
function resourceOf({ attachment }: SharingPolicy): string {
  switch (attachment.type) {
    case 'topic-policy':
      return attachment.isNew ? 'aws_sns_topic' : 'aws_sns_topic_policy'
    case 'queue-policy':
      return 'aws_sqs_queue_policy'
    case 'key-policy':
      return 'aws_kms_key_policy'
    case 'bucket-policy':
      return 'aws_s3_bucket_policy'
    case 'role-trust':
      return 'aws_iam_role'
    case 'role-policy':
      return 'aws_iam_role_policy'
    case 'user-policy':
      return 'aws_iam_user_policy'
    case 'unnamed-principal':
      return 'aws_iam_policy'
  }
}

function providerLines(account: string): readonly string[] {
  return [
    `# Configure access to account ${account}: a profile, or a role to assume`,
    ...hclBlock(['provider', 'aws'], { alias: alias(account), allowed_account_ids: [account] }),
    '',
  ]
}

function alias(account: string): string {
  return `account_${account}`
}

function commentOf({ kind, accounts, attachTo, inAccount }: SharingPolicy | SharingSetting): readonly string[] {
  return [`# ${kind} of ${accounts.join(', ')}, in account ${inAccount}: ${escapeText(attachTo)}`]
}

function blocksOf(
  policy: SharingPolicy,
  own: string,
  role: string | undefined,
  provider: HclFields,
): readonly (readonly string[])[] {
  const { attachment, document, name } = policy
  const json = hclCall('jsonencode', document)
  switch (attachment.type) {
    case 'role-trust': {
      const { roleName, path, maxSessionSeconds, instanceProfile } = attachment
      const fields = {
        ...provider,
        name: roleName,
        path,
        ...(maxSessionSeconds !== undefined && { max_session_duration: maxSessionSeconds }),
        assume_role_policy: json,
      }
      const { depends_on: _, ...others } = provider
      const profile = { ...others, name: roleName, role: hclExpression(`aws_iam_role.${own}.name`) }
      const profileBlock = hclBlock(['resource', 'aws_iam_instance_profile', own], profile)
      return [hclBlock(['resource', 'aws_iam_role', own], fields), ...(instanceProfile === true ? [profileBlock] : [])]
    }
    case 'role-policy': {
      const roleName = role === undefined ? attachment.roleName : hclExpression(`aws_iam_role.${role}.name`)
      return [hclBlock(['resource', 'aws_iam_role_policy', own], { ...provider, name, role: roleName, policy: json })]
    }
    case 'user-policy': {
      const fields = { ...provider, name, user: attachment.userName, policy: json }
      return [hclBlock(['resource', 'aws_iam_user_policy', own], fields)]
    }
    case 'unnamed-principal':
      return [hclBlock(['resource', 'aws_iam_policy', own], { ...provider, name, policy: json })]
    case 'bucket-policy':
      return bucketBlocks(attachment.bucket, own, json, provider)
    case 'key-policy':
      return keyBlocks(attachment.keyArn, own, json, provider)
    case 'queue-policy':
      return queueBlocks(attachment, own, json, provider)
    case 'topic-policy':
      return topicBlocks(attachment, own, json, provider)
  }
}

/** Keeps the existing statements of the bucket's policy, except those with the same Sid. */
function bucketBlocks(bucket: string, own: string, json: unknown, provider: HclFields): readonly (readonly string[])[] {
  return [
    hclBlock(['data', 'aws_s3_bucket_policy', own], { ...provider, bucket }),
    mergedDocument(own, hclExpression(`data.aws_s3_bucket_policy.${own}.policy`), json, provider),
    hclBlock(
      ['resource', 'aws_s3_bucket_policy', own],
      { ...provider, bucket, policy: hclExpression(`data.aws_iam_policy_document.${own}.json`) },
      keepLines,
    ),
  ]
}

function keyBlocks(keyArn: string, own: string, json: unknown, provider: HclFields): readonly (readonly string[])[] {
  const variable = `${own}_current_policy`
  return [
    currentPolicy(
      variable,
      `aws kms get-key-policy --key-id ${keyArn} --policy-name default --query Policy --output text`,
    ),
    mergedDocument(own, hclExpression(`var.${variable}`), json, provider),
    hclBlock(
      ['resource', 'aws_kms_key_policy', own],
      { ...provider, key_id: keyArn, policy: hclExpression(`data.aws_iam_policy_document.${own}.json`) },
      keepLines,
    ),
  ]
}

function roleKey({ attachment, inAccount }: SharingPolicy): string {
  return 'roleName' in attachment ? `${inAccount} ${attachment.roleName}` : ''
}
