import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { dayMs, hourMs, lastInstantMs, minuteMs } from '../../src/trail/calendar.ts'
import { formatKey } from '../../src/trail/key.ts'
import { compareKeys } from '../../src/trail/key-order.ts'
import type { Kind } from '../../src/trail/kind.ts'
import type { ParsedKey } from '../../src/trail/parsed-key.ts'
import { type Slice, sliceOf, splitPoint, splitSlice } from '../../src/trail/slice.ts'
import { type Window, windowHolds } from '../../src/trail/window.ts'
import { instants, layouts, parsedKeys } from './arbitrary-key.ts'

const atMs = Date.UTC(2026, 10, 1, 12, 40)

describe('bounds', () => {
  test('the bounds of events are minutes', () => {
    expect(sliceAt('events', { fromMs: atMs, toMs: atMs + dayMs })).toEqual({
      account: 'B',
      logAccount: '012345678901',
      region: 'us-east-1',
      kind: 'events',
      prefix: 'AWSLogs/012345678901/CloudTrail/us-east-1/',
      startAfter:
        'AWSLogs/012345678901/CloudTrail/us-east-1/2026/11/01/012345678901_CloudTrail_us-east-1_20261101T1240',
      end: 'AWSLogs/012345678901/CloudTrail/us-east-1/2026/11/02/012345678901_CloudTrail_us-east-1_20261102T1240',
      window: { fromMs: atMs, toMs: atMs + dayMs },
    })
  })

  test('the bounds of digests are days, because a bound cannot include the name of the trail', () => {
    expect(sliceAt('digest', { fromMs: atMs, toMs: atMs + dayMs })).toMatchObject({
      startAfter: 'AWSLogs/012345678901/CloudTrail-Digest/us-east-1/2026/11/01/',
      end: 'AWSLogs/012345678901/CloudTrail-Digest/us-east-1/2026/11/03/',
    })
  })

  test('an open side has no bound', () => {
    expect(sliceAt('events', {})).toMatchObject({ startAfter: undefined, end: undefined })
  })

  test('every key delivered in a window is within the bounds', () => {
    fc.assert(
      fc.property(parsedKeys, layouts, offsets, offsets, (parts, layout, before, after) => {
        const window = around(parts.deliveredAtMs, before, after)
        fc.pre(windowHolds(window, parts.deliveredAtMs))
        const slice = sliceOf({ ...parts, layout, account: 'B', window })
        expect(lists(slice, formatKey(parts, layout))).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  test('an event or insight delivered outside a window is outside the bounds', () => {
    fc.assert(
      fc.property(parsedKeys, layouts, offsets, offsets, (parts, layout, before, after) => {
        fc.pre(parts.kind === 'events' || parts.kind === 'insight')
        // There is no bound after the last minute of 9999.
        fc.pre(parts.deliveredAtMs < lastInstantMs - minuteMs)
        const window = around(parts.deliveredAtMs, before, after)
        const slice = sliceOf({ ...parts, layout, account: 'B', window })
        expect(lists(slice, formatKey(parts, layout))).toBe(windowHolds(window, parts.deliveredAtMs))
      }),
      { numRuns: 3000 },
    )
  })

  test('the slice of a window beyond the calendar still includes its keys', () => {
    const slice = sliceAt('events', { fromMs: -dayMs, toMs: lastInstantMs + 400 * dayMs })
    expect(lists(slice, keyAt(slice, 0))).toBe(true)
    expect(lists(slice, keyAt(slice, lastInstantMs))).toBe(true)
  })

  test('a slice survives a conversion to JSON and back', () => {
    const slice = sliceAt('events', { fromMs: atMs })
    expect(JSON.parse(JSON.stringify(slice))).toEqual(slice)
  })
})

describe('splitting', () => {
  test('each key of a slice is in exactly one half, by bounds and by window', () => {
    fc.assert(
      fc.property(parsedKeys, layouts, offsets, offsets, offsets, (parts, layout, before, after, cut) => {
        const window = around(parts.deliveredAtMs, before, after)
        const whole = sliceOf({ ...parts, layout, account: 'B', window })
        const halves = splitSlice(whole, parts.deliveredAtMs + (cut ?? 0)) ?? [whole]
        const key = formatKey(parts, layout)
        expect(halves.filter((half) => selects(half, key, parts)).length).toBe(selects(whole, key, parts) ? 1 : 0)
        expect(halves.filter((half) => lists(half, key)).length).toBe(lists(whole, key) ? 1 : 0)
      }),
      { numRuns: 3000 },
    )
  })

  test('the halves keep the outer bounds', () => {
    const whole = sliceAt('events', { fromMs: atMs, toMs: atMs + dayMs })
    const [first, second] = splitSlice(whole, atMs + hourMs) ?? []
    expect(first).toMatchObject({ startAfter: whole.startAfter, window: { fromMs: atMs, toMs: atMs + hourMs } })
    expect(second).toMatchObject({ end: whole.end, window: { fromMs: atMs + hourMs, toMs: atMs + dayMs } })
    expect(first?.end).toBe(second?.startAfter)
  })

  test('the second half of an open slice stays open', () => {
    const [first, second] = splitSlice(sliceAt('events', {}), atMs) ?? []
    expect(first?.startAfter).toBeUndefined()
    expect(second?.end).toBeUndefined()
    expect(second?.window).toEqual({ fromMs: atMs })
  })

  test('digests are split at midnight', () => {
    const [first] = splitSlice(sliceAt('digest', {}), atMs) ?? []
    expect(first?.window.toMs).toBe(Date.UTC(2026, 10, 1))
  })

  test.each([
    ['at its start', atMs],
    ['less than a minute after its start', atMs + 59_999],
    ['before it', atMs - hourMs],
    ['at its end', atMs + dayMs],
    ['after it', atMs + 2 * dayMs],
  ])('a slice is not split %s', (_, cutMs) => {
    expect(splitSlice(sliceAt('events', { fromMs: atMs, toMs: atMs + dayMs }), cutMs)).toBeUndefined()
  })

  test('a resumed slice is not split before its start', () => {
    const slice = sliceAt('events', { fromMs: atMs, toMs: atMs + dayMs })
    const resumed = { ...slice, startAfter: keyAt(slice, atMs + 2 * hourMs) }
    expect(splitSlice(resumed, atMs + hourMs)).toBeUndefined()
    expect(splitSlice(resumed, atMs + 3 * hourMs)).toBeDefined()
  })
})

describe('the split point', () => {
  test('is the middle of the rest', () => {
    const slice = sliceAt('events', { fromMs: atMs, toMs: atMs + 10 * hourMs })
    expect(splitPoint(slice, atMs + 2 * hourMs, atMs + dayMs)).toBe(atMs + 6 * hourMs)
  })

  test.each([
    ['open', undefined],
    ['in the future', atMs + 400 * dayMs],
  ])('takes now for an end that is %s', (_, toMs) => {
    expect(splitPoint(sliceAt('events', { toMs }), atMs, atMs + 4 * hourMs)).toBe(atMs + 2 * hourMs)
  })

  test('is undefined if less than an hour of events is left', () => {
    const slice = sliceAt('events', { toMs: atMs + hourMs - minuteMs })
    expect(splitPoint(slice, atMs, atMs + dayMs)).toBeUndefined()
  })

  test('is undefined if less than two days of digests are left', () => {
    const slice = sliceAt('digest', { toMs: atMs + 2 * dayMs - minuteMs })
    expect(splitPoint(slice, atMs, atMs + 9 * dayMs)).toBeUndefined()
  })

  test('splits the slice, and leaves listed keys in the first half', () => {
    fc.assert(
      fc.property(parsedKeys, layouts, offsets, offsets, instants, (parts, layout, before, after, nowMs) => {
        const window = around(parts.deliveredAtMs, before, after)
        const slice = sliceOf({ ...parts, layout, account: 'B', window })
        const key = formatKey(parts, layout)
        const point = splitPoint(slice, parts.deliveredAtMs, nowMs)
        fc.pre(lists(slice, key) && point !== undefined)
        const halves = splitSlice(slice, point ?? 0)
        expect(halves?.map((half) => lists(half, key))).toEqual([true, false])
      }),
      { numRuns: 300 },
    )
  })
})

// Undefined for an open side, or a distance of up to some weeks, in whole milliseconds, minutes or days.
const offsets = fc.option(
  fc
    .tuple(fc.integer({ min: -100, max: 3000 }), fc.constantFrom(1, 10_007, minuteMs, hourMs, dayMs))
    .map(([count, stepMs]) => count * stepMs),
  { nil: undefined },
)

function around(instantMs: number, before: number | undefined, after: number | undefined): Window {
  const fromMs = before === undefined ? undefined : Math.max(0, instantMs - before)
  const toMs = after === undefined ? undefined : Math.min(lastInstantMs, instantMs + after)
  return { fromMs, toMs }
}

function lists(slice: Slice, key: string): boolean {
  return (
    key.startsWith(slice.prefix) &&
    (slice.startAfter === undefined || compareKeys(key, slice.startAfter) > 0) &&
    (slice.end === undefined || compareKeys(key, slice.end) < 0)
  )
}

function selects(slice: Slice, key: string, parts: ParsedKey): boolean {
  return lists(slice, key) && windowHolds(slice.window, parts.deliveredAtMs)
}

function sliceAt(kind: Kind, window: Window): Slice {
  const logAccount = '012345678901' as AccountId
  return sliceOf({ layout: { prefix: '' }, account: 'B', logAccount, region: 'us-east-1', kind, window })
}

function keyAt(slice: Slice, deliveredAtMs: number): string {
  const { logAccount, region } = slice
  return formatKey({ logAccount, region, kind: 'events', deliveredAtMs, random: 'C1qUFaqvZS64BcIN' }, { prefix: '' })
}
