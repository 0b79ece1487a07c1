import { yamlText } from '../../config/yaml.ts'
import type { SharingPolicy, SharingSetting } from '../../identity/sharing/sharing-policy.ts'
import type { PolicySet } from '../../verbs/policy/policies.ts'
import { isAddedByHand, isMadeByHand, settingResources, topicResources } from './announcing-cloudformation.ts'
import { policiesBefore, rolesBefore, uniqueNames } from './policy-order.ts'

/**
 * The lines of `--format cloudformation`: one template for one AWS account. Statements for the policy of a bucket, key or queue are under
 * Metadata, to be added by hand, because a template can only replace such a policy. So are the notifications of a bucket.
 */
export function policyCloudFormationLines({ policies, settings, externalIds }: PolicySet): readonly string[] {
  const letters = externalIds.map(({ variable }) => variable.replaceAll('_', ''))
  const parameters = externalIds.map(({ of, token }, index) => {
    const first = letters.indexOf(letters[index] ?? '') === index
    return { token, of, name: `ExternalId${letters[index]}${first ? '' : `x${index + 1}`}` }
  })
  const byHand = policies.filter(isAddedByHand)
  const settingsByHand = settings.filter(isMadeByHand)
  const inTemplate = policies.filter((policy) => !byHand.includes(policy))
  const logicalIds = uniqueNames(policies, logicalId, '')
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Access to CloudTrail logs of another account. Deploy with CAPABILITY_NAMED_IAM',
    ...(byHand.length + settingsByHand.length > 0 && {
      Metadata: {
        AddByHand: [
          ...byHand.map(({ attachTo, document }) => ({ To: attachTo, Statements: document.Statement })),
          ...settingsByHand.map(({ attachTo, document }) => ({ To: attachTo, Configuration: document })),
        ],
      },
    }),
    ...(parameters.length > 0 && {
      Parameters: Object.fromEntries(parameters.map(({ name, of }) => [name, parameter(of)])),
    }),
    Resources: Object.assign(
      {},
      ...inTemplate.map((policy) => resourcesOf(policy, logicalIds)),
      ...settings
        .filter((setting) => !isMadeByHand(setting))
        .map((setting) => {
          const before = policiesBefore(setting, inTemplate).flatMap((policy) => idsOf(policy, logicalIds))
          return settingResources(setting, logicalId(setting), before)
        }),
    ) as Readonly<Record<string, unknown>>,
  }
  const references = new Map(parameters.map(({ token, name }) => [token, { Ref: name }]))
  return yamlText(referred(template, references)).trimEnd().split('\n')
}

function parameter(of: string) {
  return {
    Type: 'String',
    NoEcho: true,
    MinLength: 2,
    MaxLength: 1224,
    AllowedPattern: '[\\w+=,.@:/-]*',
    Description: `The external ID of ${of}`,
  }
}

type LogicalIds = ReadonlyMap<SharingPolicy, string>

function resourcesOf(policy: SharingPolicy, ids: LogicalIds): Readonly<Record<string, unknown>> {
  const { attachment, document, name } = policy
  const id = ids.get(policy) ?? ''
  switch (attachment.type) {
    case 'role-trust': {
      const { roleName, path, maxSessionSeconds, instanceProfile } = attachment
      const role = {
        RoleName: roleName,
        Path: path,
        ...(maxSessionSeconds !== undefined && { MaxSessionDuration: maxSessionSeconds }),
        AssumeRolePolicyDocument: document,
      }
      const profile = { InstanceProfileName: roleName, Roles: [{ Ref: id }] }
      const before = rolesBefore(policy, [...ids.keys()]).map((other) => ids.get(other))
      return {
        [id]: { ...resource('AWS::IAM::Role', role), ...(before.length > 0 && { DependsOn: before }) },
        ...(instanceProfile === true && { [`${id}Profile`]: resource('AWS::IAM::InstanceProfile', profile) }),
      }
    }
    case 'role-policy': {
      const role = roleReference(attachment.roleName, policy.inAccount, ids)
      return { [id]: resource('AWS::IAM::RolePolicy', { PolicyName: name, RoleName: role, PolicyDocument: document }) }
    }
    case 'user-policy': {
      const properties = { PolicyName: name, UserName: attachment.userName, PolicyDocument: document }
      return { [id]: resource('AWS::IAM::UserPolicy', properties) }
    }
    case 'unnamed-principal':
      return { [id]: resource('AWS::IAM::ManagedPolicy', { ManagedPolicyName: name, PolicyDocument: document }) }
    case 'topic-policy':
      return attachment.isNew ? topicResources(attachment, id, document) : {}
    case 'bucket-policy':
    case 'key-policy':
    case 'queue-policy':
      return {}
  }
}

/** The resources of a policy that a setting waits for. */
function idsOf(policy: SharingPolicy, ids: LogicalIds): readonly string[] {
  const id = ids.get(policy) ?? ''
  return policy.attachment.type === 'topic-policy' ? [id, `${id}Policy`] : [id]
}

function resource(Type: string, Properties: Readonly<Record<string, unknown>>) {
  return { Type, Properties }
}

/** A reference to the role in this template, else the name of an existing role. */
function roleReference(roleName: string, inAccount: string, ids: LogicalIds): unknown {
  for (const [{ attachment, inAccount: account }, id] of ids) {
    if (attachment.type === 'role-trust' && attachment.roleName === roleName && account === inAccount)
      return { Ref: id }
  }
  return roleName
}

function logicalId({ name }: SharingPolicy | SharingSetting): string {
  const words = name.split(/[^A-Za-z0-9]+/)
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('')
}

function referred(value: unknown, references: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === 'string') return references.get(value) ?? value
  if (Array.isArray(value)) return value.map((item) => referred(item, references))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, referred(item, references)]),
  )
}
