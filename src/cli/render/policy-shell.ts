import { compactPolicy } from '../../identity/policy-document.ts'
import type { SharingPolicy, SharingSetting } from '../../identity/sharing/sharing-policy.ts'
import type { ExternalIdSlot } from '../../verbs/policy/id-placeholders.ts'
import type { PolicySet } from '../../verbs/policy/policies.ts'
import { queuePolicyCommands, settingCommands, topicPolicyCommands } from './announcing-shell.ts'
import { escapeText } from './escape.ts'
import { mergeCommands } from './merge-commands.ts'
import { shellWord } from '../../trail/shell-word.ts'

/** The lines of `--format cli`: a script for one AWS account. It needs a POSIX shell, the AWS CLI and, for buckets, keys, queues and topics, jq. It can be run again. */
export function policyShellLines({ policies, settings, externalIds }: PolicySet): readonly string[] {
  const [first] = [...policies, ...settings]
  return [
    '#!/bin/sh',
    'set -eu',
    ...(first === undefined ? [] : accountGuard(first.inAccount)),
    ...externalIds.flatMap((slot) => externalIdLines(slot)),
    ...policies.flatMap((policy) => [
      ...titleLines(policy),
      ...commandsFor(policy).map((line) => filled(line, externalIds)),
    ]),
    ...settings.flatMap((setting) => [...titleLines(setting), ...settingCommands(setting)]),
  ]
}

function titleLines({ kind, accounts, attachTo }: SharingPolicy | SharingSetting): readonly string[] {
  return ['', `# ${kind} of ${accounts.join(', ')}: ${escapeText(attachTo)}`]
}

function accountGuard(account: string): readonly string[] {
  return [
    '',
    '# These policies are for one account only',
    'account=$(aws sts get-caller-identity --query Account --output text)',
    `if [ "$account" != ${account} ]; then`,
    `  echo "the AWS keys belong to account $account, not to ${account}" >&2`,
    '  exit 1',
    'fi',
  ]
}

function externalIdLines({ of, variable }: ExternalIdSlot): readonly string[] {
  const name = shellVariable(variable)
  return [
    '',
    `: "\${${name}:?set it to the external ID of ${of}}"`,
    `case "$${name}" in`,
    `  *[!A-Za-z0-9_+=,.@:/-]*) echo "${name} is not an external ID" >&2; exit 1 ;;`,
    'esac',
  ]
}

/** An external ID needs no escaping in JSON, so it can be put into the quoted document. */
function filled(line: string, externalIds: readonly ExternalIdSlot[]): string {
  return externalIds.reduce(
    (text, { token, variable }) => text.replaceAll(token, () => `'"$${shellVariable(variable)}"'`),
    line,
  )
}

function shellVariable(variable: string): string {
  return `CROSSTRAIL_EXTERNAL_ID_${variable}`
}

function commandsFor({ attachment, document, name, attachTo, inAccount }: SharingPolicy): readonly string[] {
  const json = shellWord(compactPolicy(document))
  switch (attachment.type) {
    case 'role-trust':
      return roleCommands(attachment, json)
    case 'role-policy': {
      const to = `--role-name ${shellWord(attachment.roleName)} --policy-name ${shellWord(name)}`
      return [`aws iam put-role-policy ${to} --policy-document ${json}`]
    }
    case 'user-policy': {
      const to = `--user-name ${shellWord(attachment.userName)} --policy-name ${shellWord(name)}`
      return [`aws iam put-user-policy ${to} --policy-document ${json}`]
    }
    case 'unnamed-principal':
      return [
        ...managedPolicyCommands(name, inAccount, document),
        `echo ${shellWord(`now attach policy ${name} to ${escapeText(attachTo)}`)} >&2`,
      ]
    case 'bucket-policy': {
      const bucket = `--bucket ${shellWord(attachment.bucket)}`
      const get = `aws s3api get-bucket-policy ${bucket} --query Policy --output text`
      const put = [`aws s3api put-bucket-policy ${bucket} --policy "$merged"`]
      return mergeCommands({ get, put, none: 'NoSuchBucketPolicy' }, document)
    }
    case 'key-policy': {
      const key = `--key-id ${shellWord(attachment.keyArn)} --policy-name default`
      const get = `aws kms get-key-policy ${key} --query Policy --output text`
      return mergeCommands({ get, put: [`aws kms put-key-policy ${key} --policy "$merged"`] }, document)
    }
    case 'queue-policy':
      return queuePolicyCommands(attachment, document)
    case 'topic-policy':
      return topicPolicyCommands(attachment, document)
  }
}

/** Creates the policy, or a new version if it differs. IAM keeps five versions, so the oldest is deleted if needed. */
function managedPolicyCommands(name: string, account: string, document: SharingPolicy['document']): readonly string[] {
  const json = compactPolicy(document)
  const [, partition = 'aws'] = /"arn:([a-z-]+):/.exec(json) ?? []
  const policy = `--policy-arn ${shellWord(`arn:${partition}:iam::${account}:policy/${name}`)}`
  const version = '--query PolicyVersion.Document --output json'
  return [
    `document=${shellWord(json)}`,
    `if version=$(aws iam get-policy ${policy} --query Policy.DefaultVersionId --output text 2>/dev/null); then`,
    `  current=$(aws iam get-policy-version ${policy} --version-id "$version" ${version} | tr -d ' \\n')`,
    `  if [ "$current" != "$(printf '%s' "$document" | tr -d ' \\n')" ]; then`,
    `    oldest=$(aws iam list-policy-versions ${policy} --query 'Versions[?!IsDefaultVersion].VersionId | [3]' --output text)`,
    `    if [ "$oldest" != None ]; then aws iam delete-policy-version ${policy} --version-id "$oldest"; fi`,
    `    aws iam create-policy-version ${policy} --policy-document "$document" --set-as-default`,
    '  fi',
    'else',
    `  aws iam create-policy --policy-name ${shellWord(name)} --policy-document "$document"`,
    'fi',
  ]
}

function roleCommands(
  attachment: Extract<SharingPolicy['attachment'], { type: 'role-trust' }>,
  json: string,
): readonly string[] {
  const { roleName, path, maxSessionSeconds, instanceProfile } = attachment
  const role = `--role-name ${shellWord(roleName)}`
  const longest = maxSessionSeconds === undefined ? '' : ` --max-session-duration ${maxSessionSeconds}`
  // Not an argument: every user of the machine sees those, and the document may contain an external ID
  const piped = `printf '%s' ${json} | aws iam`
  return [
    `if aws iam get-role ${role} >/dev/null 2>&1; then`,
    `  ${piped} update-assume-role-policy ${role} --policy-document file:///dev/stdin`,
    ...(maxSessionSeconds === undefined ? [] : [`  aws iam update-role ${role}${longest}`]),
    'else',
    `  ${piped} create-role ${role} --path ${shellWord(path)}${longest} --assume-role-policy-document file:///dev/stdin`,
    'fi',
    ...(instanceProfile === true ? profileCommands(roleName) : []),
  ]
}

function profileCommands(roleName: string): readonly string[] {
  const profile = `--instance-profile-name ${shellWord(roleName)}`
  const roles = "--query 'InstanceProfile.Roles[].RoleName' --output text"
  return [
    `if ! held=$(aws iam get-instance-profile ${profile} ${roles} 2>/dev/null); then`,
    '  held=',
    `  aws iam create-instance-profile ${profile}`,
    'fi',
    'if [ -z "$held" ]; then',
    `  aws iam add-role-to-instance-profile ${profile} --role-name ${shellWord(roleName)}`,
    'fi',
  ]
}
