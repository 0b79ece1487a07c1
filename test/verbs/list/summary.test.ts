import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { Summarizer } from '../../../src/verbs/list/summary.ts'
import { heldBytes } from '../../held-bytes.ts'

const object = (deliveredAtMs: number, sizeBytes: number, region = 'us-east-1') => ({
  key: 'k',
  etag: '',
  lastModifiedMs: 0,
  storageClass: 'STANDARD',
  logAccount: '222222222222' as AccountId,
  kind: 'events' as const,
  region,
  deliveredAtMs,
  sizeBytes,
})
const day = (date: number, hour = 0) => Date.UTC(2026, 10, date, hour)

describe('a summary', () => {
  it('counts objects and bytes of each day, region, kind and account', () => {
    const summarizer = new Summarizer()
    summarizer.add('B', object(day(1, 3), 10))
    summarizer.add('B', object(day(1, 23), 5))
    summarizer.add('B', object(day(2), 1))
    summarizer.add('Z', object(day(1), 7, 'eu-west-1'))
    const { total, groups } = summarizer.summary()
    expect(total).toEqual({ objects: 4, bytes: 23, oldestMs: day(1), newestMs: day(2) })
    expect([...groups]).toMatchObject([
      { account: 'B', region: 'us-east-1', day: '2026-11-01', objects: 2, bytes: 15 },
      { account: 'B', region: 'us-east-1', day: '2026-11-02', objects: 1, bytes: 1 },
      { account: 'Z', region: 'eu-west-1', day: '2026-11-01', objects: 1, bytes: 7 },
    ])
  })

  it('has its groups in the order of their names each time they are read', () => {
    const summarizer = new Summarizer()
    for (const date of [3, 1, 2]) {
      for (const region of ['us-east-1', 'us-east-10', 'ap-south-1']) summarizer.add('B', object(day(date), 1, region))
    }
    const { groups } = summarizer.summary()
    const names = () => Array.from(groups, ({ region, day: on }) => `${region}/${on}`)
    expect(names()).toEqual(names().toSorted())
    expect([names().length, names()]).toEqual([9, names()])
  })

  it('has no oldest log if nothing was listed', () => {
    const { total, groups } = new Summarizer().summary()
    expect([total, [...groups]]).toEqual([{ objects: 0, bytes: 0 }, []])
  })

  it('counts each day separately, in any order of logs', () => {
    const dayNumber = fc.oneof(fc.nat(100), fc.integer({ min: 20_000, max: 20_100 }), fc.nat(2_932_896))
    fc.assert(
      fc.property(fc.array(fc.tuple(dayNumber, fc.nat()), { maxLength: 50 }), (logs) => {
        const summarizer = new Summarizer()
        const expected = new Map<number, { objects: number; bytes: number }>()
        for (const [number, sizeBytes] of logs) {
          summarizer.add('B', object(number * 86_400_000, sizeBytes))
          const { objects, bytes } = expected.get(number) ?? { objects: 0, bytes: 0 }
          expected.set(number, { objects: objects + 1, bytes: bytes + sizeBytes })
        }
        expect([...summarizer.summary().groups].map(({ day, objects, bytes }) => ({ day, objects, bytes }))).toEqual(
          [...expected]
            .sort(([a], [b]) => a - b)
            .map(([number, counts]) => ({ day: new Date(number * 86_400_000).toISOString().slice(0, 10), ...counts })),
        )
      }),
    )
  })

  it('holds less than 32 bytes for each day', () => {
    const days = 100_000
    const held = heldBytes(() => {
      const summarizer = new Summarizer()
      for (let log = 0; log < days; log++) {
        summarizer.add('B', object(day(log % 400), 3_000_000_000, `region-${Math.floor(log / 400)}`))
      }
      return summarizer
    })
    expect(held / days).toBeLessThan(32)
  })
})
