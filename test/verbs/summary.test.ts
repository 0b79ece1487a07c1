import { describe, expect, it } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { Summarizer } from '../../src/verbs/summary.ts'

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

  it('has its groups in the order of their names, however often they are read', () => {
    const summarizer = new Summarizer()
    for (const date of [3, 1, 2]) {
      for (const region of ['us-east-1', 'us-east-10', 'ap-south-1']) summarizer.add('B', object(day(date), 1, region))
    }
    const { groups } = summarizer.summary()
    const names = () => Array.from(groups, ({ region, day: on }) => `${region}/${on}`)
    expect(names()).toEqual(names().toSorted())
    expect([names().length, names()]).toEqual([9, names()])
  })

  it('of nothing has no oldest', () => {
    const { total, groups } = new Summarizer().summary()
    expect([total, [...groups]]).toEqual([{ objects: 0, bytes: 0 }, []])
  })
})
