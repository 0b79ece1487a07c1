import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../src/trail/calendar.ts'
import { cellShard, isInShard, ShardCells, shardOf } from '../../src/trail/shard.ts'

const fromMs = Date.UTC(2026, 0, 1)

describe('cells', () => {
  test('the length of a cell depends on the window and the count: a day, an hour or five minutes', () => {
    const lengthOf = (spanMs: number, count: number) =>
      cellShard({ index: 0, count }, 'events', { fromMs, toMs: fromMs + spanMs }).cellMs
    expect(lengthOf(365 * dayMs, 16)).toBe(dayMs)
    expect(lengthOf(30 * dayMs, 16)).toBe(hourMs)
    expect(lengthOf(dayMs, 16)).toBe(5 * minuteMs)
    expect(lengthOf(minuteMs, 1000)).toBe(5 * minuteMs)
  })

  test('listings that can start only at a day have cells of days', () => {
    expect(cellShard({ index: 0, count: 99 }, 'digest', { fromMs, toMs: fromMs + dayMs }).cellMs).toBe(dayMs)
  })

  test('each of as many consecutive cells as there are shards belongs to another shard', () => {
    const place = fc.string()
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 20_000 }), (name, count, block) => {
        const startMs = block * count * dayMs
        const starts = Array.from({ length: count }, (_, index) =>
          new ShardCells(name, { index, count, cellMs: dayMs }).next(startMs),
        )
        const expected = Array.from({ length: count }, (_, at) => startMs + at * dayMs)
        expect(starts.toSorted((a, b) => a - b)).toEqual(expected)
      }),
    )
  })

  test('of seven shards, none has the same day of every week', () => {
    const cells = new ShardCells('AWSLogs/222222222222/CloudTrail/us-east-1/', { index: 3, count: 7, cellMs: dayMs })
    const days = new Set<number>()
    for (let ms = cells.next(fromMs); ms < fromMs + 365 * dayMs; ms = cells.next(ms + dayMs)) {
      days.add(new Date(ms).getUTCDay())
    }
    expect(days.size).toBe(7)
  })
})

describe('names', () => {
  test('a name has the same shard in every version', () => {
    expect(shardOf('AWSLogs/222222222222/CloudTrail/us-east-1/', 16)).toBe(7)
    expect(isInShard('anything', undefined)).toBe(true)
  })

  test('ten thousand names spread evenly over 16 shards', () => {
    const shards = Array.from({ length: 10_000 }, (_, at) => shardOf(`name ${at}`, 16))
    const counts = Array.from({ length: 16 }, (_, index) => shards.filter((shard) => shard === index).length)
    expect(Math.min(...counts)).toBeGreaterThan(540)
    expect(Math.max(...counts)).toBeLessThan(710)
  })
})
