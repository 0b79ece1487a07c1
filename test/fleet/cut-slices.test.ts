import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutPlaces, type Density, type Piece } from '../../src/fleet/cut-slices.ts'
import { dayMs, hourMs } from '../../src/trail/calendar.ts'
import { kinds } from '../../src/trail/kind.ts'

const startMs = Date.UTC(2026, 0, 1)

function density(over: Partial<Density> = {}): Density {
  return { kind: 'events', fromMs: startMs, toMs: startMs + 365 * dayMs, firstMs: startMs, logsPerHour: 100, ...over }
}

const densities: fc.Arbitrary<Density> = fc
  .record({
    kind: fc.constantFrom(...kinds),
    fromMs: fc.integer({ min: 0, max: 40 * 365 * dayMs }),
    spanMs: fc.integer({ min: 1, max: 400 * dayMs }),
    first: fc.double({ min: 0, max: 1, noNaN: true }),
    logsPerHour: fc.double({ min: 0, max: 60_000, noNaN: true }),
  })
  .map(({ kind, fromMs, spanMs, first, logsPerHour }) => ({
    kind,
    fromMs,
    toMs: fromMs + spanMs,
    firstMs: Math.floor(fromMs + first * spanMs),
    logsPerHour,
  }))

function piecesOf(place: Density, most = 20_000): readonly Piece[] {
  return cutPlaces([place], most)[0] ?? []
}

function lengthsOf(place: Density): number[] {
  return [...new Set(piecesOf(place).map(({ fromMs, toMs }) => toMs - fromMs))]
}

describe('pieces of a place', () => {
  test('are exactly its window, without overlap and without an empty piece', () => {
    fc.assert(
      fc.property(
        fc.array(densities, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 8, max: 3000 }),
        (places, most) => {
          const cut = cutPlaces(places, most)
          expect(cut).toHaveLength(places.length)
          for (const [at, pieces] of cut.entries()) {
            const place = places[at]
            expect(pieces[0]?.fromMs).toBe(place?.fromMs)
            expect(pieces.at(-1)?.toMs).toBe(place?.toMs)
            for (const [number, { fromMs, toMs }] of pieces.entries()) {
              expect(toMs).toBeGreaterThan(fromMs)
              if (number > 0) expect(fromMs).toBe(pieces[number - 1]?.toMs)
            }
          }
          expect(cut.flat().length).toBeLessThanOrEqual(most)
        },
      ),
    )
  })

  test('are cut at the same times, whatever the window of the run', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 * dayMs }),
        fc.integer({ min: 0, max: 100 * dayMs }),
        (skipped, cutOff) => {
          const year = piecesOf(density())
          const part = density({
            fromMs: startMs + skipped,
            toMs: startMs + 365 * dayMs - cutOff,
            firstMs: startMs + skipped,
          })
          const cuts = new Set(year.map(({ fromMs }) => fromMs))
          const others = piecesOf(part).slice(1)
          expect(others.filter(({ fromMs }) => !cuts.has(fromMs))).toEqual([])
        },
      ),
    )
  })

  test.each([
    [1, 365 * dayMs],
    [14, 28 * dayMs],
    [59, 7 * dayMs],
    [416, dayMs],
    [1666, 6 * hourMs],
    [60_000, hourMs],
  ])('with %d logs an hour are as long as ten thousand logs allow', (logsPerHour, length) => {
    expect(lengthsOf(density({ logsPerHour }))).toContain(length)
  })

  test('of kinds that can only be listed from a day on are whole days', () => {
    expect(lengthsOf(density({ kind: 'digest', logsPerHour: 60_000 }))).toEqual([dayMs])
  })

  test('before the first log are one piece', () => {
    const firstMs = startMs + 300 * dayMs + hourMs
    const [first, second] = piecesOf(density({ firstMs, logsPerHour: 416 }))
    expect(first).toEqual({ fromMs: startMs, toMs: startMs + 301 * dayMs })
    expect(second).toEqual({ fromMs: startMs + 301 * dayMs, toMs: startMs + 302 * dayMs })
  })

  test('become longer if the places of a run have too many', () => {
    const places = Array.from({ length: 20 }, () => density({ logsPerHour: 5000 }))
    expect(cutPlaces(places, 20_000).flat().length).toBeGreaterThan(7000)
    expect(cutPlaces(places, 2000).flat().length).toBeLessThanOrEqual(2000)
    expect(cutPlaces(places, 20).flat()).toHaveLength(20)
  })
})
