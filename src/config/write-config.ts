import type { AccountFile, ConfigFile, CredentialsFile, HopFile } from './schema.ts'

/**
 * A config as YAML with comments. What is read from it is what was given: `${env:NAME}` stays a reference, so a text that is to be taken
 * as it is goes through `literalText` first.
 */
export function configText(file: ConfigFile): string {
  const accounts = Object.entries(file.accounts)
  return [
    '# Where the logs of a trail are, and who reads them through which role. Written by crosstrail init.',
    '# docs/CONFIGURATION.md has every field. Account ids stay in quotes; ${env:NAME} is the value of an',
    '# environment variable, so that no secret has to stand here.',
    ...(file.$schema === undefined ? [] : [line(0, '$schema', scalar(file.$schema))]),
    '',
    '# The trail, in the bucket of the account that owns it.',
    'trail:',
    ...fieldLines(file.trail, trailWriters),
    '',
    '# The accounts that read, by label: the name they have on the command line.',
    'accounts:',
    ...accounts.flatMap(([label, account]) => [`  ${scalar(label)}:`, ...fieldLines(account, accountWriters)]),
    '',
  ].join('\n')
}

/** How each field is written, in the order they are written in: a field without a row here does not compile. */
type Writers<Fields> = {
  readonly [Name in keyof Required<Fields>]: (value: Exclude<Fields[Name], undefined>) => string | readonly string[]
}

const trailWriters: Writers<ConfigFile['trail']> = {
  bucket: (name) => line(2, 'bucket', scalar(name)),
  owner: (id) => line(2, 'owner', quoted(id), 'sent with every request: a bucket in other hands is never read'),
  region: (name) => line(2, 'region', scalar(name)),
  prefix: (text) => line(2, 'prefix', scalar(text), 'what comes before AWSLogs/ in the keys'),
  organization: (id) => line(2, 'organization', scalar(id), 'for the trail of an organization'),
  requesterPays: (pays) => line(2, 'requesterPays', String(pays), 'whether we pay for the requests'),
}

const accountWriters: Writers<AccountFile> = {
  id: (id) => line(4, 'id', quoted(id)),
  credentials: (source) => line(4, 'credentials', flow(source), 'who we are before any role'),
  via: (hops) => viaLines(hops),
  role: (arn) => line(4, 'role', scalar(arn), 'the role that reads the bucket'),
  externalId: (text) => line(4, 'externalId', scalar(text), "what the role's trust policy asks for"),
  sessionName: (name) => line(4, 'sessionName', scalar(name), 'how CloudTrail names our session'),
  duration: (time) => line(4, 'duration', durationText(time), 'of a session; it is refreshed'),
  mfa: (device) => line(4, 'mfa', scalar(device), 'the device whose code is asked for'),
  mfaProcess: (command) => line(4, 'mfaProcess', scalar(command), 'a command that prints the code'),
  sourceIdentity: (name) => line(4, 'sourceIdentity', scalar(name)),
  tags: (tags) => line(4, 'tags', flow(tags)),
  reads: (whose) => line(4, 'reads', readsText(whose), 'whose logs: own, all, or a list of account ids'),
  allow: (verbs) => line(4, 'allow', list(verbs), 'of list, download, copy, delete'),
  stsRegion: (name) => line(4, 'stsRegion', scalar(name), 'whose STS is called'),
}

function fieldLines<Fields extends object>(fields: Fields, writers: Writers<Fields>): string[] {
  return (Object.keys(writers) as (keyof Fields)[]).flatMap((name) => {
    const value = fields[name]
    return value === undefined ? [] : writers[name](value as Exclude<Fields[typeof name], undefined>)
  })
}

function viaLines(via: readonly HopFile[]): string[] {
  if (via.length === 0) return [line(4, 'via', '[]')]
  return ['    via: # the roles on the way to it, in order', ...via.flatMap(hopLines)]
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

/** A text without quotes where YAML reads it as the same text, in a flow too. */
function scalar(text: string): string {
  return (plain.test(text) && !word.test(text)) || reference.test(text) ? text : quoted(text)
}

const plain = /^[A-Za-z](?:[\w./+=@:-]*[\w./+=@-])?$/
const word = /^(?:true|false|null|yes|no|on|off|y|n)$/i
const reference = /^\$\{env:[A-Za-z_]\w*\}$/

/** JSON's text is YAML's too, but for what YAML allows only escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
