import { parseRoleArn } from '../trail/arn.ts'
import { isRegion, partitionOf, type Partition } from '../trail/region.ts'
import { durationSeconds } from './duration.ts'
import { labelExpected, labelPattern, tagNameExpected, tagNamePattern } from './names.ts'
import type { Path } from './path.ts'
import type { Finding } from './problem.ts'
import { parseQueueUrl, queueUrlExpected } from './queue-url.ts'
import { showText } from './show.ts'

type Fields = Readonly<Record<string, unknown>>

/** The longest session of a role that another role assumes, in seconds. A limit of STS. */
const maxChainedSeconds = 3600

/** Sources whose credentials are the session of a role, so that every role after them is chained. */
const roleSources: ReadonlySet<string> = new Set(['ec2', 'ecs', 'webIdentity', 'sso'])

/**
 * Checks what the schema of a single field cannot: the prefix, labels, exactly one credential source, session tags, the one-hour limit of
 * chained roles, the region of queues, and that all parts are in one partition. Takes the file as read, so that all findings are reported together.
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
    ...checkQueue(['trail', 'sqs'], record(trail)['sqs'], partition),
    ...entries.flatMap(([label, account]) => checkAccount(label, record(account), partition)),
  ]
}

/** With a wrong prefix every listing would be empty, as if there were no logs. */
function checkPrefix(prefix: unknown): Finding[] {
  const path = ['trail', 'prefix']
  if (/^\s*s3:\/\//i.test(text(prefix))) {
    return [
      {
        path,
        message: 'an address instead of a key prefix',
        expected: 'the key prefix alone, without s3:// and the bucket',
      },
    ]
  }
  // A slash at the end is allowed: resolving removes it.
  if (/^\/|\/\//.test(text(prefix))) {
    const expected = 'no slash at the beginning, and one between two folders: logs/2026; "" for none'
    return [{ path, message: 'an empty folder in the prefix; CloudTrail does not deliver to one', expected }]
  }
  if (!text(prefix).split('/').includes('AWSLogs')) return []
  return [
    { path, message: 'the prefix must not include AWSLogs', expected: 'only the part before AWSLogs/; "" for none' },
  ]
}

function checkAccount(label: string, account: Fields, partition: Partition | undefined): Finding[] {
  const path = ['accounts', label]
  return [
    ...checkName(path, label, labelPattern, labelExpected),
    ...checkCredentials([...path, 'credentials'], account['credentials']),
    ...checkTags([...path, 'tags'], record(account['tags'])),
    ...checkDurations(path, account),
    ...checkQueue([...path, 'sqs'], account['sqs'], partition),
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
  return [{ path, message: 'wrong number of credential sources', got, expected: 'exactly one' }]
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
    const why = index > 0 ? 'another role assumes it' : `${source} credentials are the session of a role`
    const expected = `at most ${maxChainedSeconds} seconds, because ${why}`
    return [{ path: role.path, message: 'too long for a chained role', expected }]
  })
}

/** A host that is not one of AWS names no region, and requests signed for a wrong region are refused. */
function checkQueue(path: Path, written: unknown, partition: Partition | undefined): Finding[] {
  const { url, region: given } = isRecord(written) ? written : { url: written, region: undefined }
  if (typeof url !== 'string') return []
  const parsed = parseQueueUrl(url)
  if ('wrong' in parsed) {
    return [{ path: isRecord(written) ? [...path, 'url'] : path, message: parsed.wrong, expected: queueUrlExpected }]
  }
  const at = given === undefined ? path : [...path, 'region']
  const region = given === undefined ? parsed.region : text(given)
  if (region === undefined) {
    const expected = '{ url: …, region: us-east-1 }, because the host of the URL names no region'
    return [{ path, message: 'a queue without its region', expected }]
  }
  if (!isRegion(region)) return []
  if (parsed.region !== undefined && parsed.region !== region) {
    return [{ path: at, message: 'not the region that the URL of the queue names', expected: parsed.region }]
  }
  if (partition === undefined || partitionOf(region) === partition) return []
  const expected = `a region of partition ${partition}, like trail.region`
  return [{ path: at, message: 'not the partition of the trail', expected }]
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
      message: 'not the partition of the trail',
      expected: `one of partition ${partition}, like trail.region`,
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
