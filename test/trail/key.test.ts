import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { deliveryTimes, formatKey, parseKey, parseSliceKey } from '../../src/trail/key.ts'
import { regionPrefix } from '../../src/trail/key-prefix.ts'
import type { TrailLayout } from '../../src/trail/trail.ts'
import { realLogs } from '../real/rgw/real-logs.ts'
import { layouts, parsedKeys } from './arbitrary-key.ts'

const plain: TrailLayout = { prefix: '' }
const logAccount = '012345678901' as AccountId
const events =
  'AWSLogs/012345678901/CloudTrail/us-east-1/2026/11/01/012345678901_CloudTrail_us-east-1_20261101T1240Z_C1qUFaqvZS64BcIN.json.gz'
const digest =
  'AWSLogs/012345678901/CloudTrail-Digest/us-east-1/2026/11/01/012345678901_CloudTrail-Digest_us-east-1_my_trail_us-east-2_20261101T130512Z.json.gz'

describe('the parts of a key', () => {
  test('the key of a log has account, region, kind and minute of delivery', () => {
    expect(parseKey(events, plain)).toEqual({
      logAccount,
      region: 'us-east-1',
      kind: 'events',
      deliveredAtMs: Date.UTC(2026, 10, 1, 12, 40),
      random: 'C1qUFaqvZS64BcIN',
    })
  })

  test("the key of a digest has the name of its trail, which may have underscores, the trail's home region and the second", () => {
    expect(parseKey(digest, plain)).toEqual({
      logAccount,
      region: 'us-east-1',
      kind: 'digest',
      deliveredAtMs: Date.UTC(2026, 10, 1, 13, 5, 12),
      trailName: 'my_trail',
      homeRegion: 'us-east-2',
      backfill: false,
    })
  })

  test('the key of a backfilled digest has the suffix _backfill', () => {
    expect(parseKey(digest.replace('Z.json', 'Z_backfill.json'), plain)).toMatchObject({ backfill: true })
  })

  test('the example in the AWS guide without an underscore and with 15 characters is a log', () => {
    const key = events.replace('Z_C1qUFaqvZS64BcIN', 'ZabcDEF123456789')
    expect(parseKey(key, plain)).toMatchObject({ random: 'abcDEF123456789', joined: true })
  })

  test.each([
    ['insight', 'CloudTrail-Insight'],
    ['network-activity', 'CloudTrail-NetworkActivity'],
    ['aggregated', 'CloudTrail-Aggregated'],
  ])('the folder of %s is %s', (kind, folder) => {
    const key = events.replaceAll('CloudTrail', folder)
    expect(parseKey(key, plain)).toMatchObject({ kind })
  })

  test.each(['CloudTrail', 'CloudTrail-NetworkActivityEvents', 'NetworkActivity_v2'])(
    'in an undocumented folder, the folder gives the kind, whatever the token: %s',
    (token) => {
      const key = events.replace('/CloudTrail/', '/CloudTrail-NetworkActivity/').replace('_CloudTrail_', `_${token}_`)
      expect(parseKey(key, plain)).toMatchObject({ kind: 'network-activity', token })
    },
  )

  test.each([
    ['o-exampleorgid', ''],
    ['o-exampleorgid', 'o-exampleorgid'],
    [undefined, '/logs/cloudtrail//'],
  ])('parses keys of organization %s with the prefix "%s"', (organization, prefix) => {
    const base = `${prefix.replaceAll(/^\/+|\/+$/g, '')}/AWSLogs/${organization ?? ''}/`.replaceAll('//', '/')
    const key = events.replace('AWSLogs/', base.replace(/^\//, ''))
    expect(parseKey(key, { prefix, organization })).toMatchObject({ logAccount, kind: 'events' })
  })
})

describe('foreign keys', () => {
  test.each([
    ['an empty key', ''],
    ['a folder marker', 'AWSLogs/012345678901/CloudTrail/us-east-1/2026/11/01/'],
    ['a readme', 'AWSLogs/012345678901/CloudTrail/us-east-1/2026/11/01/README.txt'],
    ['an Athena result', 'AWSLogs/012345678901/CloudTrail/us-east-1/Unsaved/2026/11/01/0a1b2c3d.csv'],
    ['a key with a leading slash', `/${events}`],
    ['another prefix', `other/${events}`],
    ["an organization's key", events.replace('AWSLogs/', 'AWSLogs/o-exampleorgid/')],
    ["Config's log", events.replaceAll('CloudTrail', 'Config')],
    ['JSON that is not compressed', events.replace('.gz', '')],
    ['a copy beside it', `${events}.tmp`],
    ['an additional folder', events.replace('/2026/', '/extra/2026/')],
    ["another account's file", events.replace('/012345678901_', '/222222222222_')],
    ["another region's file", events.replace('_us-east-1_', '_us-east-2_')],
    ["another kind's file", events.replace('_CloudTrail_', '_CloudTrail-Insight_')],
    ['a file of the next day', events.replace('_20261101', '_20261102')],
    ['month 13', events.replace('/2026/11/01/', '/2026/13/01/').replace('20261101', '20261301')],
    ['February 30', events.replace('/2026/11/01/', '/2026/02/30/').replace('20261101', '20260230')],
    ['February 29 of a common year', events.replace('/2026/11/01/', '/2026/02/29/').replace('20261101', '20260229')],
    ['hour 24', events.replace('T1240', 'T2400')],
    ['minute 60', events.replace('T1240', 'T1260')],
    ['a log stamped with seconds', events.replace('T1240', 'T124000')],
    ['9 random characters', events.replace('C1qUFaqvZS64BcIN', 'C1qUFaqvZ')],
    ['33 random characters', events.replace('C1qUFaqvZS64BcIN', 'a'.repeat(33))],
    ['a random part with a slash', events.replace('C1qUFaqvZS64BcIN', 'C1qUFa/vZS64BcIN')],
    ['an account of 11 digits', events.replaceAll('012345678901', '12345678901')],
    ['an invalid region', events.replaceAll('us-east-1', 'useast1')],
    ['a digest without a home region', digest.replace('_us-east-2', '')],
    ['a digest without a trail', digest.replace('my_trail_', '')],
    ['a digest stamped to the minute', digest.replace('T130512Z', 'T1305Z')],
    ['second 60', digest.replace('T130512Z', 'T130560Z')],
    ['a digest with another suffix', digest.replace('Z.json', 'Z_other.json')],
  ])('%s', (_, key) => {
    expect(parseKey(key, plain)).toBeUndefined()
  })

  test("the management account's own logs are foreign to an organization trail", () => {
    expect(parseKey(events, { prefix: '', organization: 'o-exampleorgid' })).toBeUndefined()
  })
})

const characters = fc.constantFrom('', '/', '_', '-', '.', 'T', 'Z', '0', '1', '9', 'a', 'z')

describe('properties', () => {
  test('formatting and parsing returns the same parts', () => {
    fc.assert(
      fc.property(parsedKeys, layouts, (parts, layout) => {
        expect(parseKey(formatKey(parts, layout), layout)).toEqual(parts)
      }),
      { numRuns: 2000 },
    )
  })

  test('parsing never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, tail) => {
        expect(parseKey(text, plain)).toBeUndefined()
        expect(parseKey(`AWSLogs/012345678901/CloudTrail/us-east-1/${tail}`, plain)).toBeUndefined()
      }),
    )
  })

  test('a key altered in one place is foreign or formats back to itself, and no other key means the same', () => {
    fc.assert(
      fc.property(parsedKeys, layouts, fc.nat(), characters, (parts, layout, place, character) => {
        const key = formatKey(parts, layout)
        const at = place % key.length
        const altered = key.slice(0, at) + character + key.slice(at + 1)
        const reparsed = parseKey(altered, layout)
        if (reparsed !== undefined) expect(formatKey(reparsed, layout)).toBe(altered)
      }),
      { numRuns: 5000 },
    )
  })

  test('parseSliceKey returns the same as parseKey', () => {
    fc.assert(
      fc.property(parsedKeys, parsedKeys, layouts, (parts, other, layout) => {
        const prefix = regionPrefix(layout, parts.logAccount, parts.kind, parts.region)
        const slice = { ...parts, prefix }
        const key = formatKey(parts, layout)
        expect(parseSliceKey(key, slice)).toEqual(parseKey(key, layout))
        expect(parseSliceKey(formatKey({ ...other, logAccount: '000000000000' as AccountId }, layout), slice)).toBe(
          undefined,
        )
      }),
    )
  })

  test('deliveryTimes returns the same times as parsing each key, also for altered keys', () => {
    const minutes = fc.array(fc.tuple(fc.nat(2 * 1440), fc.nat(), fc.option(characters, { freq: 2 })), { maxLength: 8 })
    fc.assert(
      fc.property(parsedKeys, layouts, minutes, (parts, layout, keys) => {
        const slice = { ...parts, prefix: regionPrefix(layout, parts.logAccount, parts.kind, parts.region) }
        const deliveredAt = deliveryTimes(slice)
        for (const [minute, place, character] of keys) {
          const deliveredAtMs = Math.min(parts.deliveredAtMs + minute * 60_000, Date.UTC(9999, 11, 31))
          const key = formatKey({ ...parts, deliveredAtMs }, layout)
          const at = place % key.length
          const altered = character === null ? key : key.slice(0, at) + character + key.slice(at + 1)
          expect(deliveredAt(altered)).toBe(parseSliceKey(altered, slice)?.deliveredAtMs)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

const published = realLogs()

test.skipIf(published === undefined)('parses real keys of CloudTrail', () => {
  const keys = [...(published?.keys() ?? [])]
  expect(keys.length).toBeGreaterThan(0)
  expect(keys.filter((key) => parseKey(key, plain) === undefined)).toEqual([])
})
