import * as fc from 'fast-check'
import type { AccountId } from '../../src/trail/account-id.ts'
import { lastInstantMs, minuteMs, secondMs } from '../../src/trail/calendar.ts'
import { type Kind, kindFolder, kinds } from '../../src/trail/kind.ts'
import type { DigestKey, LogKey, ParsedKey } from '../../src/trail/parsed-key.ts'
import type { TrailLayout } from '../../src/trail/trail.ts'

/** Regions of every partition, and two with similar names. */
export const regions = [
  'us-east-1',
  'ap-southeast-1',
  'ap-southeast-10',
  'cn-northwest-1',
  'us-gov-west-1',
  'eusc-de-east-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
] as const

const digits = '0123456789'
const alphanumerics = `${digits}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz`

export const accountIds = textOf(digits, 12, 12) as fc.Arbitrary<AccountId>
export const randomParts = textOf(alphanumerics, 10, 32)
export const organizationIds = textOf('0123456789abcdefghijklmnopqrstuvwxyz', 10, 32).map((id) => `o-${id}`)

export const layouts: fc.Arbitrary<TrailLayout> = fc.oneof(
  fc.record({
    prefix: fc.oneof(fc.constant(''), fc.constant('logs'), fc.constant('a/b'), fc.constant('AWSLogs')),
    organization: fc.option(organizationIds, { nil: undefined }),
  }),
  organizationIds.map((id) => ({ prefix: id, organization: id })), // Control Tower
)

/** Instants mostly from the lifetime of CloudTrail, and sometimes from any year. */
export const instants = fc.oneof(
  { arbitrary: fc.integer({ min: Date.UTC(2013, 0), max: Date.UTC(2040, 0) }), weight: 4 },
  { arbitrary: fc.integer({ min: 0, max: lastInstantMs }), weight: 1 },
)

export const parsedKeys: fc.Arbitrary<ParsedKey> = fc.constantFrom(...kinds).chain((kind) => keysOf(kind))

export function keysOf(kind: Kind): fc.Arbitrary<ParsedKey> {
  return kind === 'digest' ? digestKeys : logKeys(kind)
}

function logKeys(kind: LogKey['kind']): fc.Arbitrary<LogKey> {
  const isDocumented = kind === 'events' || kind === 'insight'
  const tokens = fc.constantFrom('CloudTrail', 'Other-Token', 'a_b', 'x_us-east-1', 'T1_')
  return fc
    .record({
      logAccount: accountIds,
      region: fc.constantFrom(...regions),
      instantMs: instants,
      random: randomParts,
      joined: fc.boolean(),
      seconds: isDocumented ? fc.constant(false) : fc.boolean(),
      token: isDocumented ? fc.constant(undefined) : fc.option(tokens, { nil: undefined }),
    })
    .map(({ instantMs, joined, seconds, token, ...parts }) =>
      Object.assign(
        parts,
        { kind, deliveredAtMs: cut(instantMs, seconds ? secondMs : minuteMs) },
        token !== undefined && token !== kindFolder(kind) && { token },
        joined && { joined },
        seconds && { seconds },
      ),
    )
}

const digestKeys: fc.Arbitrary<DigestKey> = fc
  .record({
    logAccount: accountIds,
    region: fc.constantFrom(...regions),
    instantMs: instants,
    trailName: textOf(`${alphanumerics}._-`, 3, 40),
    homeRegion: fc.constantFrom(...regions),
    backfill: fc.boolean(),
  })
  .map(({ instantMs, ...parts }) =>
    Object.assign(parts, { kind: 'digest' as const, deliveredAtMs: cut(instantMs, secondMs) }),
  )

function textOf(characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters.split('')), minLength, maxLength })
}

function cut(instantMs: number, stepMs: number): number {
  return Math.floor(instantMs / stepMs) * stepMs
}
