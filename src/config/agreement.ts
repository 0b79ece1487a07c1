import { parseRoleArn } from '../trail/arn.ts'
import { isRegion, partitionOf, type Partition } from '../trail/region.ts'
import { durationSeconds } from './duration.ts'
import { labelExpected, labelPattern, tagNameExpected, tagNamePattern } from './names.ts'
import type { Path } from './path.ts'
import type { Finding } from './problem.ts'
import { showText } from './show.ts'

/** A mapping of the file, unchecked. */
type Fields = Readonly<Record<string, unknown>>

/** The longest session of a role that was assumed with another role's session, in seconds. Set by STS. */
const maxChainedSeconds = 3600

/** Sources whose credentials are a role's session already, so that any role after them is chained. */
const roleSources: ReadonlySet<string> = new Set(['ec2', 'ecs', 'webIdentity', 'sso'])

/**
 * What no field says alone: a prefix that is none, labels, exactly one credential source, session tags, the hour's limit of chained roles, one partition for all.
 * Takes the file as it was read, whatever is wrong with it, so that these are found together with the schema's findings.
 */
export function checkAgreement(file: unknown): Finding[] {
  const { trail, accounts } = record(file)
  const region = text(record(trail)['region'])
  const partition = isRegion(region) ? partitionOf(region) : undefined
  const entries = Object.entries(record(accounts))
  if (isRecord(accounts) && entries.length === 0) {
    return [{ path: ['accounts'], message: 'no account', got: 'an empty mapping', expected: 'a label and an account' }]
  }
  return [
    ...checkPrefix(record(trail)['prefix']),
    ...entries.flatMap(([label, account]) => checkAccount(label, record(account), partition)),
  ]
}

/** With either of them every listing would be empty, as if there were no logs. */
function checkPrefix(prefix: unknown): Finding[] {
  const path = ['trail', 'prefix']
  if (/^\s*s3:\/\//i.test(text(prefix))) {
    return [
      {
        path,
        message: 'an address in place of a key prefix',
        expected: "the keys' own beginning, without s3:// and the bucket",
      },
    ]
  }
  // A slash at the end is left out when the prefix is read.
  if (/^\/|\/\//.test(text(prefix))) {
    const expected = 'no slash at the beginning, and one between two folders: logs/2026; "" for none'
    return [{ path, message: 'an empty folder in the prefix: CloudTrail delivers to none', expected }]
  }
  if (!text(prefix).split('/').includes('AWSLogs')) return []
  return [
    { path, message: 'AWSLogs is no part of the prefix', expected: 'only what comes before AWSLogs/; "" for none' },
  ]
}

function checkAccount(label: string, account: Fields, partition: Partition | undefined): Finding[] {
  const path = ['accounts', label]
  return [
    ...checkName(path, label, labelPattern, labelExpected),
    ...checkCredentials([...path, 'credentials'], account['credentials']),
    ...checkTags([...path, 'tags'], record(account['tags'])),
    ...checkDurations(path, account),
    ...(partition === undefined ? [] : checkPartitions(path, account, partition)),
  ]
}

function checkName(path: Path, name: string, pattern: RegExp, expected: string): Finding[] {
  if (pattern.test(name)) return []
  return [{ path, on: 'key', message: 'wrong name', got: showName(name), expected }]
}

function checkCredentials(path: Path, credentials: unknown): Finding[] {
  if (!isRecord(credentials)) return []
  const names = Object.keys(credentials)
  if (names.length === 1) return []
  const got = names.length === 0 ? 'an empty mapping' : names.map(showName).join(' and ')
  return [{ path, message: 'not one credential source', got, expected: 'exactly one' }]
}

function checkTags(path: Path, tags: Fields): Finding[] {
  const names = Object.keys(tags)
  const wrong = names.flatMap((name) => checkName([...path, name], name, tagNamePattern, tagNameExpected))
  if (names.length <= 50) return wrong
  return [...wrong, { path, message: 'too many tags', got: `${names.length}`, expected: 'at most 50' }]
}

function checkDurations(path: Path, account: Fields): Finding[] {
  const via = Array.isArray(account['via']) ? (account['via'] as unknown[]) : []
  const source = Object.keys(record(account['credentials'])).find((name) => roleSources.has(name))
  const hops = via.map((hop, index) => ({
    path: [...path, 'via', index, 'duration'],
    duration: record(hop)['duration'],
  }))
  return [...hops, { path: [...path, 'duration'], duration: account['duration'] }].flatMap((role, index) => {
    const seconds = durationSeconds(role.duration)
    const chained = index > 0 || source !== undefined
    if (!chained || seconds === undefined || seconds <= maxChainedSeconds || seconds > 43_200) return []
    const why = index > 0 ? 'it is assumed by another role' : `${source} credentials are a role's session`
    const expected = `at most ${maxChainedSeconds} seconds, as ${why}`
    return [{ path: role.path, message: 'longer than a chained role may last', expected }]
  })
}

function checkPartitions(path: Path, account: Fields, partition: Partition): Finding[] {
  const via = Array.isArray(account['via']) ? (account['via'] as unknown[]) : []
  const webIdentity = record(record(account['credentials'])['webIdentity'])
  const roles: [Path, unknown][] = [
    [[...path, 'role'], account['role']],
    ...via.map((hop, index): [Path, unknown] =>
      isRecord(hop) ? [[...path, 'via', index, 'role'], hop['role']] : [[...path, 'via', index], hop],
    ),
    [[...path, 'credentials', 'webIdentity', 'role'], webIdentity['role']],
  ]
  const found = roles.map(([at, role]) => ({ at, partition: parseRoleArn(text(role))?.partition }))
  const stsRegion = text(account['stsRegion'])
  const all = [
    ...found,
    { at: [...path, 'stsRegion'], partition: isRegion(stsRegion) ? partitionOf(stsRegion) : undefined },
  ]
  return all
    .filter((entry) => entry.partition !== undefined && entry.partition !== partition)
    .map(({ at }) => ({
      path: at,
      message: 'another partition than the trail',
      expected: `one of partition ${partition}, as trail.region`,
    }))
}

function showName(name: string): string {
  return showText(JSON.stringify(name.slice(0, 140)))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function record(value: unknown): Fields {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
