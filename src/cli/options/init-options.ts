import type { CredentialsFile } from '../../config/schema.ts'
import { CrosstrailError } from '../../error.ts'
import type { InitArgs } from '../init/init-args.ts'
import { commaList, flag, grouped, many, single, type Values } from '../option.ts'
import { anyText, wrongValue } from '../../config/text-value.ts'
import { filePath } from '../../config/place-text.ts'

export const initOptions = {
  ...grouped('Init', {
    config: single('file', 'The file to write. Default: CROSSTRAIL_CONFIG, else ./crosstrail.yaml', filePath),
    'from-profile': single(
      'name',
      'Take role, external ID, session name, duration, MFA device, credentials and STS region from a profile of the AWS tools, and from the profiles it names as its source',
      anyText,
    ),
    doctor: flag('Run crosstrail doctor afterwards without asking'),
    'no-doctor': flag('Do not offer to run crosstrail doctor'),
  }),
  ...grouped('Trail', {
    bucket: single('name', 'The bucket the logs are in', anyText),
    owner: single('id', 'The 12-digit id of the account that owns the bucket', anyText),
    'bucket-region': single('region', "The bucket's region. Default: the region that S3 reports", anyText, {
      complete: 'regions',
      argumentAliases: ['region'],
    }),
    prefix: single('prefix', "The trail's key prefix: the part of each key before AWSLogs/", anyText),
    'organization-id': single('id', 'The id of the organization, for an organization trail: o-…', anyText),
    'requester-pays': flag('Pay for the requests, if the bucket is a Requester Pays bucket'),
  }),
  ...grouped('Account', {
    label: single('label', "The account's name on the command line: B. Default: the name of --from-profile", anyText),
    'account-id': single('id', "The account's 12-digit id", anyText),
    role: single(
      'arn',
      'The role that may read the bucket. If --from-profile names a role, that role is assumed first',
      anyText,
    ),
    via: many('arn', 'A role to assume before --role, in order. Repeatable', anyText),
    credentials: single(
      'source',
      'Where the first credentials come from: chain, env, ec2, ecs, profile:NAME, sso:NAME or process:COMMAND. Default: chain',
      credentialSource,
    ),
    'external-id-env': single(
      'variable',
      'The environment variable that holds the external ID. The config names the variable and never contains the ID',
      variableName,
    ),
    'new-external-id': flag(
      'Generate a random external ID and show it once. The config names the variable LABEL_EXTERNAL_ID',
    ),
    'session-name': single(
      'name',
      'The session name that CloudTrail records. Default: crosstrail- and the label',
      anyText,
    ),
    duration: single('duration', 'How long a session lasts: 900s to 12h. Default: 1h', anyText),
    mfa: single('arn', 'The MFA device, if the role requires MFA', anyText),
    reads: commaList('whose', 'The log accounts to read: own, all, or account ids. Default: own', anyText),
    allow: commaList(
      'verb',
      'What the account may be used for: list, download, copy, delete, verify. Default: list,download',
      anyText,
    ),
  }),
}

/** Throws `usage.conflict`. */
export function readInit(values: Values<typeof initOptions>): InitArgs {
  const { doctor, 'no-doctor': noDoctor } = values
  if (doctor && noDoctor) throw new CrosstrailError('usage.conflict', '--doctor and --no-doctor do not go together')
  return {
    configFile: values.config,
    fromProfile: values['from-profile'],
    trail: trailOf(values),
    label: values.label,
    account: accountOf(values),
    externalIdVariable: values['external-id-env'],
    newExternalId: values['new-external-id'],
    doctor: doctor || noDoctor ? doctor : undefined,
  }
}

function trailOf(values: Values<typeof initOptions>): InitArgs['trail'] {
  return {
    bucket: values.bucket,
    owner: values.owner,
    region: values['bucket-region'],
    prefix: values.prefix,
    organization: values['organization-id'],
    requesterPays: values['requester-pays'] ? true : undefined,
  }
}

function accountOf(values: Values<typeof initOptions>): InitArgs['account'] {
  const { credentials, via, role, duration, mfa, reads, allow } = values
  const [whose, ...others] = reads
  return {
    id: values['account-id'],
    credentials,
    via: via.length === 0 ? undefined : via,
    role,
    sessionName: values['session-name'],
    duration,
    mfa,
    reads: others.length === 0 && !/^\d/.test(whose ?? '') ? whose : reads,
    allow: allow.length === 0 ? undefined : allow,
  }
}

const sourceExpected = 'chain, env, ec2, ecs, profile:NAME, sso:NAME or process:COMMAND'

/** The message never shows the value: a command may contain a secret. */
function credentialSource(text: string, name: string): CredentialsFile {
  const [, kind = '', value = ''] = /^([a-z\d]+)(?::(.+))?$/s.exec(text) ?? []
  if (['chain', 'env', 'ec2', 'ecs'].includes(kind) && value === '') return { [kind]: true }
  if (['profile', 'sso', 'process'].includes(kind) && value !== '') return { [kind]: value }
  throw wrongValue(name, '…', sourceExpected)
}

function variableName(text: string, name: string): string {
  // A value that is not a name may be the external ID itself
  if (!/^[A-Za-z_]\w*$/.test(text)) throw wrongValue(name, '…', 'the name of an environment variable')
  return text
}
