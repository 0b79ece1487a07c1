import type { AccountFile, ConfigFile, CredentialsFile, HopFile, QueueFile } from './schema.ts'

/** Writes a config as YAML with comments. `${env:NAME}` stays a reference, so pass literal texts through `literalText` first. */
export function configText(file: ConfigFile): string {
  const accounts = Object.entries(file.accounts)
  return [
    '# The trail, and the accounts that read its logs. Written by crosstrail init.',
    '# docs/CONFIGURATION.md describes every field. Keep account ids in quotes. ${env:NAME} is the value of an',
    '# environment variable: use it to keep secrets out of this file.',
    ...(file.$schema === undefined ? [] : [line(0, '$schema', scalar(file.$schema))]),
    '',
    '# The trail: its bucket, and the account that owns the bucket.',
    'trail:',
    ...fieldLines(file.trail, trailWriters),
    '',
    '# The accounts that read the logs, by label. Use the label on the command line.',
    'accounts:',
    ...accounts.flatMap(([label, account]) => [`  ${scalar(label)}:`, ...fieldLines(account, accountWriters)]),
    '',
  ].join('\n')
}

/** The writers of all fields, in the order of the output. A field without a row here does not compile. */
type Writers<Fields> = {
  readonly [Name in keyof Required<Fields>]: (value: Exclude<Fields[Name], undefined>) => string | readonly string[]
}

const trailWriters: Writers<ConfigFile['trail']> = {
  bucket: (name) => line(2, 'bucket', scalar(name)),
  owner: (id) =>
    line(2, 'owner', quoted(id), 'sent with every request, so that a bucket of another owner is never read'),
  region: (name) => line(2, 'region', scalar(name)),
  prefix: (text) => line(2, 'prefix', scalar(text), 'the part of the keys before AWSLogs/'),
  organization: (id) => line(2, 'organization', scalar(id), 'only for the trail of an organization'),
  requesterPays: (pays) => line(2, 'requesterPays', String(pays), 'true: you pay for the requests'),
  sqs: (queue) => line(2, 'sqs', queueText(queue), 'the queue that announces new logs'),
}

const accountWriters: Writers<AccountFile> = {
  id: (id) => line(4, 'id', quoted(id)),
  credentials: (source) => line(4, 'credentials', flow(source), 'the credentials to start with'),
  via: (hops) => viaLines(hops),
  role: (arn) => line(4, 'role', scalar(arn), 'the role that reads the bucket'),
  externalId: (text) => line(4, 'externalId', scalar(text), "the external ID in the role's trust policy"),
  sessionName: (name) => line(4, 'sessionName', scalar(name), 'the name of the session in CloudTrail'),
  duration: (time) => line(4, 'duration', durationText(time), 'how long a session lasts; crosstrail refreshes it'),
  mfa: (device) => line(4, 'mfa', scalar(device), 'the MFA device'),
  mfaProcess: (command) => line(4, 'mfaProcess', scalar(command), 'a command that prints the code'),
  sourceIdentity: (name) => line(4, 'sourceIdentity', scalar(name)),
  tags: (tags) => line(4, 'tags', flow(tags)),
  reads: (whose) => line(4, 'reads', readsText(whose), 'whose logs: own, all, or a list of account ids'),
  allow: (verbs) => line(4, 'allow', list(verbs), 'any of list, download, copy, delete, verify'),
  stsRegion: (name) => line(4, 'stsRegion', scalar(name), 'the region of the STS endpoint'),
  sqs: (queue) => line(4, 'sqs', queueText(queue), 'the queue that announces new logs'),
}

function fieldLines<Fields extends object>(fields: Fields, writers: Writers<Fields>): string[] {
  return (Object.keys(writers) as (keyof Fields)[]).flatMap((name) => {
    const value = fields[name]
    return value === undefined ? [] : writers[name](value as Exclude<Fields[typeof name], undefined>)
  })
}

function viaLines(via: readonly HopFile[]): string[] {
  if (via.length === 0) return [line(4, 'via', '[]')]
  return ['    via: # roles to assume before it, in order', ...via.flatMap(hopLines)]
}

function hopLines(hop: HopFile): string[] {
  if (typeof hop === 'string') return [`      - ${scalar(hop)}`]
  return fieldLines(hop, hopWriters)
}

const hopWriters: Writers<Exclude<HopFile, string>> = {
  role: (arn) => `      - role: ${scalar(arn)}`,
  externalId: (text) => line(8, 'externalId', scalar(text)),
  sessionName: (name) => line(8, 'sessionName', scalar(name)),
  duration: (time) => line(8, 'duration', durationText(time)),
}

function line(indent: number, key: string, value: string, comment?: string): string {
  return `${' '.repeat(indent)}${key}: ${value}${comment === undefined ? '' : ` # ${comment}`}`
}

function durationText(duration: string | number): string {
  return typeof duration === 'number' ? String(duration) : quoted(duration)
}

function readsText(reads: string | readonly string[]): string {
  return typeof reads === 'string' ? reads : list(reads.map(quoted))
}

function queueText(queue: QueueFile): string {
  if (typeof queue === 'string') return scalar(queue)
  const { url, region } = queue
  return flow({ url, ...(region !== undefined && { region }) })
}

function list(items: readonly string[]): string {
  return `[${items.join(', ')}]`
}

function flow(value: CredentialsFile | Readonly<Record<string, string>>): string {
  const entries = Object.entries(value).map(([key, item]) => `${scalar(key)}: ${flowValue(item)}`)
  return `{ ${entries.join(', ')} }`
}

function flowValue(value: string | true | Readonly<Record<string, string>> | undefined): string {
  if (typeof value === 'object') return flow(value)
  return typeof value === 'string' ? (plain.test(value) ? scalar(value) : quoted(value)) : String(value)
}

/** Leaves the quotes out if YAML reads the same text without them, also inside `{ }`. */
function scalar(text: string): string {
  return (plain.test(text) && !word.test(text)) || reference.test(text) ? text : quoted(text)
}

const plain = /^[A-Za-z](?:[\w./+=@:-]*[\w./+=@-])?$/
const word = /^(?:true|false|null|yes|no|on|off|y|n)$/i
const reference = /^\$\{env:[A-Za-z_]\w*\}$/

/** A JSON string is a YAML string, except for characters that YAML allows only in escaped form. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
