import { describe, expect, test } from 'vitest'
import { dayMs, hourMs } from '../../../src/trail/calendar.ts'
import { heatMap } from '../../../src/verbs/report/heat-map.ts'
import { type LogFlag, StreamDays } from '../../../src/verbs/report/stream-days.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'

const first = Date.UTC(2026, 10, 1)
const whole = { fromMs: first, toMs: first + 5 * dayMs }
const dayOf = (at: number) => first / dayMs + at

function daysWith(...noted: readonly (readonly [day: number, flag: LogFlag])[]): StreamDays {
  const days = new StreamDays()
  for (const [day, flag] of noted) days.note(first + day * dayMs + 5 * hourMs, flag)
  return days
}

describe('the state of a day', () => {
  test.each([
    ['verified', ['verified']],
    ['delivered', ['verified', 'listed']],
    ['no-digests', ['listed', 'noDigest']],
    ['pending', ['listed', 'pending']],
    ['late', ['pending', 'late']],
    ['unverified', ['late', 'unverified']],
    ['missing', ['unverified', 'missing']],
  ] as const)('is %s if that is the worst of %s', (state, flags) => {
    const days = daysWith(...flags.map((flag) => [2, flag] as const))
    expect(days.stateOf(dayOf(2), whole)).toBe(state)
  })

  test('is none before the first thing that is known', () => {
    expect(daysWith([3, 'listed']).stateOf(dayOf(2), whole)).toBe('none')
  })

  test('is silent if there are no logs and nothing proves that there were none', () => {
    expect(daysWith([0, 'listed']).stateOf(dayOf(1), whole)).toBe('silent')
  })

  test('is quiet if proven digests cover all of it', () => {
    const days = daysWith([0, 'listed'])
    for (let hour = 0; hour < 24; hour++) days.cover(first + dayMs + hour * hourMs, first + dayMs + (hour + 1) * hourMs)
    expect(days.stateOf(dayOf(1), whole)).toBe('quiet')
  })

  test('is silent if two trails have proven digests of the same half of it', () => {
    const days = daysWith([0, 'listed'])
    for (let trail = 0; trail < 2; trail++) days.cover(first + dayMs, first + dayMs + 12 * hourMs)
    expect(days.stateOf(dayOf(1), whole)).toBe('silent')
  })

  test('is quiet if proven digests cover all that is due', () => {
    const days = daysWith([0, 'listed'])
    days.cover(first + dayMs, first + dayMs + 7 * hourMs)
    expect(days.stateOf(dayOf(1), { ...whole, toMs: first + dayMs + 7 * hourMs })).toBe('quiet')
    expect(days.stateOf(dayOf(2), { ...whole, toMs: first + dayMs + 7 * hourMs })).toBe('pending')
  })

  test('is known for days that are noted in any order', () => {
    const days = daysWith([400, 'listed'], [3, 'missing'], [200, 'late'])
    const states = [3, 200, 400].map((day) => days.stateOf(dayOf(day), { fromMs: first, toMs: first + 500 * dayMs }))
    expect(states).toEqual(['missing', 'late', 'delivered'])
    expect(days.daysWithLogs(dayOf(0), dayOf(500))).toBe(3)
  })
})

describe('a heat map', () => {
  const stream = (days: StreamDays, region = 'us-east-1') => ({
    logAccount: '222222222222' as AccountId,
    region,
    days,
    logs: 1,
    bytes: 2,
  })

  test('has a letter for each day', () => {
    const map = heatMap([stream(daysWith([0, 'listed'], [2, 'missing']))], { ...whole, dueMs: Infinity })
    expect(map).toMatchObject({
      step: 'day',
      steps: ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05'],
    })
    expect(Array.from(map.rows[0]?.states ?? '', (letter) => map.letters[letter])).toEqual([
      'delivered',
      'silent',
      'missing',
      'silent',
      'silent',
    ])
    expect(map.counts).toMatchObject({ delivered: 1, silent: 3, missing: 1 })
  })

  test('has weeks with the state of their worst day above 20,000 cells', () => {
    const toMs = first + 365 * dayMs
    const streams = Array.from({ length: 55 }, (_, at) => stream(daysWith([0, 'listed'], [9, 'missing']), `r-${at}`))
    const map = heatMap(streams, { fromMs: first, toMs, dueMs: first + 14 * dayMs })
    expect(map.step).toBe('week')
    expect(map.steps).toHaveLength(53)
    expect(map.letters[map.rows[0]?.states[1] ?? '']).toBe('missing')
    expect(map.letters[map.rows[0]?.states[0] ?? '']).toBe('silent')
    expect(map.letters[map.rows[0]?.states[2] ?? '']).toBe('pending')
  })
})
