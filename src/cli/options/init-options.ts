import type { CredentialsFile } from '../../config/schema.ts'
import { CrosstrailError } from '../../error.ts'
import type { InitArgs } from '../init/init-args.ts'
import { commaList, flag, many, single, type Values } from '../option.ts'
import { anyText, wrongValue } from '../../config/text-value.ts'
import { filePath } from '../../config/place-text.ts'

const trailGroup = 'Trail'
const accountGroup = 'Account'
const group = 'Init'

export const initOptions = {
  config: single(
    { group, value: 'file', description: 'The file to write. Default: CROSSTRAIL_CONFIG, else ./crosstrail.yaml' },
    filePath,
  ),
  'from-profile': single(
    {
      group,
      value: 'name',
      description:
        'Take role, external ID, session name, duration, MFA device, credentials and STS region from a profile of the AWS tools, and from the profiles it names as its source',
    },
    anyText,
  ),
  doctor: flag({ group, description: 'Run crosstrail doctor afterwards, without a question' }),
  'no-doctor': flag({ group, description: 'Do not offer it' }),
  bucket: single({ group: trailGroup, value: 'name', description: 'The bucket the logs are in' }, anyText),
  owner: single(
    { group: trailGroup, value: 'id', description: 'The 12-digit id of the account that owns the bucket' },
    anyText,
  ),
  'bucket-region': single(
    {
      group: trailGroup,
      value: 'region',
      complete: 'regions',
      argumentAliases: ['region'],
      description: 'The region the bucket is in. Default: S3 is asked',
    },
    anyText,
  ),
  prefix: single(
    { group: trailGroup, value: 'prefix', description: "The trail's own key prefix: what comes before AWSLogs/" },
    anyText,
  ),
  'organization-id': single(
    { group: trailGroup, value: 'id', description: 'The id of the organization, for an organization trail: o-…' },
    anyText,
  ),
  'requester-pays': flag({
    group: trailGroup,
    description: 'Pay for the requests, on a bucket whose owner wants that',
  }),
  label: single(
    {
      group: accountGroup,
      value: 'label',
      description: "The account's name on the command line: B. Default: the name of --from-profile",
    },
    anyText,
  ),
  'account-id': single({ group: accountGroup, value: 'id', description: 'Its 12-digit id' }, anyText),
  role: single(
    {
      group: accountGroup,
      value: 'arn',
      description: "The role that may read the bucket. A role of --from-profile's own is then assumed before it",
    },
    anyText,
  ),
  via: many(
    {
      group: accountGroup,
      value: 'arn',
      description: 'A role to assume on the way, in order. May be given many times',
    },
    anyText,
  ),
  credentials: single(
    {
      group: accountGroup,
      value: 'source',
      description:
        'Who we are before any role: chain, env, ec2, ecs, profile:NAME, sso:NAME or process:COMMAND. Default: chain',
    },
    credentialSource,
  ),
  'external-id-env': single(
    {
      group: accountGroup,
      value: 'variable',
      description:
        'The environment variable that holds the external ID. The config refers to it, and never holds an ID',
    },
    variableName,
  ),
  'new-external-id': flag({
    group: accountGroup,
    description: 'Make a random external ID and show it once. The config refers to LABEL_EXTERNAL_ID',
  }),
  'session-name': single(
    {
      group: accountGroup,
      value: 'name',
      description: 'The name of its sessions, as CloudTrail shows it. Default: crosstrail- and the label',
    },
    anyText,
  ),
  duration: single(
    { group: accountGroup, value: 'duration', description: 'How long a session lasts: 900s to 12h. Default: 1h' },
    anyText,
  ),
  mfa: single(
    { group: accountGroup, value: 'arn', description: 'The MFA device whose code the role asks for' },
    anyText,
  ),
  reads: commaList(
    { group: accountGroup, value: 'whose', description: 'Whose logs: own, all, or account ids. Default: own' },
    anyText,
  ),
  allow: commaList(
    {
      group: accountGroup,
      value: 'verb',
      description: 'What it may be used for: list, download, copy, delete. Default: list,download',
    },
    anyText,
  ),
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

/** The message never shows what was given: a command may hold a secret. */
function credentialSource(text: string, name: string): CredentialsFile {
  const [, kind = '', value = ''] = /^([a-z\d]+)(?::(.+))?$/s.exec(text) ?? []
  if (['chain', 'env', 'ec2', 'ecs'].includes(kind) && value === '') return { [kind]: true }
  if (['profile', 'sso', 'process'].includes(kind) && value !== '') return { [kind]: value }
  throw wrongValue(name, '…', sourceExpected)
}

function variableName(text: string, name: string): string {
  // What is no name may be the external ID itself
  if (!/^[A-Za-z_]\w*$/.test(text)) throw wrongValue(name, '…', 'the name of an environment variable')
  return text
}
