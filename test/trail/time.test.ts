import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { dayMs, hourMs, lastInstantMs, minuteMs, secondMs } from '../../src/trail/calendar.ts'
import { dayOf, formatInstant, parseDuration, parseInstant, parseWindow } from '../../src/trail/time.ts'

const nowMs = Date.UTC(2026, 10, 22, 10, 30, 15)

describe('instants', () => {
  test.each([
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-11-01T12:30', '2026-11-01T12:30:00.000Z'],
    ['2026-11-01 12:30', '2026-11-01T12:30:00.000Z'],
    ['2026-11-01T12:30:45', '2026-11-01T12:30:45.000Z'],
    ['2026-11-01T12:30Z', '2026-11-01T12:30:00.000Z'],
    ['2026-11-01T12:30:45Z', '2026-11-01T12:30:45.000Z'],
    ['2026-11-01t12:30:45z', '2026-11-01T12:30:45.000Z'],
    ['2026-11-01T12:30:45.5Z', '2026-11-01T12:30:45.500Z'],
    ['2026-11-01T12:30:45.029999Z', '2026-11-01T12:30:45.029Z'],
    ['2026-11-01T00:30:00+01:00', '2026-10-31T23:30:00.000Z'],
    ['2026-10-31T23:30:00-05:30', '2026-11-01T05:00:00.000Z'],
    [' 2026-11-01 ', '2026-11-01T00:00:00.000Z'],
    ['now', '2026-11-22T10:30:15.000Z'],
    ['today', '2026-11-22T00:00:00.000Z'],
    [' yesterday ', '2026-11-21T00:00:00.000Z'],
    ['90m ago', '2026-11-22T09:00:15.000Z'],
    ['36h ago', '2026-11-20T22:30:15.000Z'],
    ['7d ago', '2026-11-15T10:30:15.000Z'],
    ['2w ago', '2026-11-08T10:30:15.000Z'],
    ['1h30m  ago', '2026-11-22T09:00:15.000Z'],
  ])('"%s" is %s', (text, iso) => {
    expect(new Date(parseInstant(text, nowMs)).toISOString()).toBe(iso)
  })

  test.each([
    '',
    'Yesterday',
    'tomorrow',
    'today ago',
    '2026',
    '2026-11',
    '2026-1-1',
    '01.11.2026',
    '11/01/2026',
    '20261101',
    '1793534400',
    '2026-11-01T12',
    '2026-11-01Z',
    '2026-11-01T12:30+1',
    '2026-11-01T12:30:00,5',
    '7d',
    'ago',
    '7x ago',
    '-7d ago',
    '7 days ago',
    '3mo ago',
    '2026-02-29',
    '2026-13-01',
    '2026-04-31',
    '2026-11-01T24:00',
    '2026-11-01T12:60',
    '2026-11-01T23:59:60Z',
    '2026-11-01T12:30+24:00',
    '0099-01-01',
    '1969-12-31T23:59',
    '1970-01-01T00:00+01:00',
    '99999d ago',
    '99999999999999999999w ago',
  ])('"%s" is refused', (text) => {
    expect(() => parseInstant(text, nowMs)).toThrow(expect.objectContaining({ code: 'usage.time' }))
  })

  test.each(['3mo ago', '3 months ago', '1y ago', '2 years ago'])(
    'the hint for "%s" says that months and years vary',
    (text) => {
      expect(hintOf(() => parseInstant(text, nowMs))).toContain('months and years differ in length')
    },
  )

  test('yesterday and today mean the same UTC days at every instant of a day', () => {
    for (const instantMs of [Date.UTC(2026, 2, 1), Date.UTC(2026, 2, 1, 23, 59, 59, 999)]) {
      expect(parseWindow({ from: 'yesterday', to: 'today' }, instantMs)).toEqual({
        fromMs: Date.UTC(2026, 1, 28),
        toMs: Date.UTC(2026, 2, 1),
      })
    }
  })

  test('the error shows the text and what was expected', () => {
    expect(() => parseInstant('tomorow', nowMs)).toThrow('cannot read the time "tomorow"')
    expect(hintOf(() => parseInstant('tomorow', nowMs))).toContain('2026-11-01T12:30:00Z')
  })

  test('formatted instants and days can be parsed again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lastInstantMs }), (instantMs) => {
        const wholeMs = Math.floor(instantMs / secondMs) * secondMs
        expect(parseInstant(formatInstant(instantMs), nowMs)).toBe(wholeMs)
        expect(parseInstant(dayOf(instantMs), nowMs)).toBe(Math.floor(instantMs / dayMs) * dayMs)
      }),
    )
  })

  test('any text gives an instant or a usage error', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/))
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseInstant(text, nowMs)).toBeGreaterThanOrEqual(0)
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage.time' })
        }
      }),
    )
  })
})

describe('durations', () => {
  test.each([
    ['30s', 30 * secondMs],
    ['15m', 15 * minuteMs],
    ['24h', 24 * hourMs],
    ['7d', 7 * dayMs],
    ['2w', 14 * dayMs],
    ['1h30m', 90 * minuteMs],
    ['1w2d3h4m5s', 9 * dayMs + 3 * hourMs + 4 * minuteMs + 5 * secondMs],
    ['400d', 400 * dayMs],
    ['0s', 0],
  ])('%s is %d ms', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs)
  })

  test.each(['', '7', 'd', '1.5h', '-1h', '1H', '30m1h', '1h1h', '1h 30m', '3mo', '1y', '9999999999999w'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'usage.time' }))
    },
  )
})

describe('windows', () => {
  test('a window ends at the start of its last day', () => {
    expect(parseWindow({ from: '2026-11-01', to: '2026-11-08' }, nowMs)).toEqual({
      fromMs: Date.UTC(2026, 10, 1),
      toMs: Date.UTC(2026, 10, 8),
    })
  })

  test('a missing side is open', () => {
    expect(parseWindow({ from: '7d ago' }, nowMs)).toEqual({ fromMs: nowMs - 7 * dayMs })
    expect(parseWindow({ to: 'now' }, nowMs)).toEqual({ toMs: nowMs })
    expect(parseWindow({}, nowMs)).toEqual({})
  })

  test('a last duration leaves the end open, so that logs delivered during the run are included', () => {
    expect(parseWindow({ last: '24h' }, nowMs)).toEqual({ fromMs: nowMs - dayMs })
  })

  test('a last duration that begins before 1970 starts at the epoch', () => {
    expect(parseWindow({ last: '5000w' }, nowMs)).toEqual({ fromMs: 0 })
  })

  test.each([
    { from: '2026-11-08', to: '2026-11-01' },
    { from: '2026-11-01', to: '2026-11-01' },
    { last: '24h', from: '2026-11-01' },
    { last: '24h', to: 'now' },
    { last: '0h' },
  ])('%j is refused', (texts) => {
    expect(() => parseWindow(texts, nowMs)).toThrow(expect.objectContaining({ code: 'usage.window' }))
  })
})

function hintOf(act: () => unknown): string | undefined {
  try {
    act()
  } catch (error) {
    if (error instanceof CrosstrailError) return error.hint
    throw error
  }
  throw new Error('nothing was thrown')
}
