import { expect, test } from 'vitest'
import { readSelection, selecting, selectingBesideDestination } from '../../../src/cli/options/selecting.ts'
import { readOptions } from '../../../src/cli/read-options.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)

function select(given: Record<string, string[]>, labels: string[] = []) {
  return readSelection(readOptions(selecting, new Map(Object.entries(given)), {}), labels, nowMs)
}

test('selects everything by default', () => {
  expect(select({})).toEqual({
    accounts: [],
    window: { fromMs: undefined, toMs: undefined },
    regions: [],
    logAccounts: [],
    kinds: [],
    include: [],
    exclude: [],
  })
})

test.each([[{ from: ['2026-11-01'], until: ['2026-11-08'] }], [{ since: ['2026-11-01'], to: ['2026-11-08'] }]])(
  '%j is a window of a week',
  (given) => {
    expect(select(given as Record<string, string[]>).window).toEqual({
      fromMs: Date.UTC(2026, 10, 1),
      toMs: Date.UTC(2026, 10, 8),
    })
  },
)

test('--last sets the start and leaves the end open', () => {
  expect(select({ last: ['24h'] }).window).toEqual({ fromMs: nowMs - 86_400_000, toMs: undefined })
})

test('--to does not end the window if it is a destination', () => {
  expect(() => readOptions(selectingBesideDestination, new Map([['to', ['2026-11-08']]]), {})).toThrow(
    'unknown option --to',
  )
})

test('lists are split at commas, repeatable, and free of duplicates', () => {
  const { regions, kinds, logAccounts, accounts } = select(
    {
      region: ['us-east-1, eu-west-1', 'us-east-1'],
      kind: ['digest'],
      'log-account': ['012345678901'],
    },
    ['B', 'B', 'C'],
  )
  expect({ regions, kinds, logAccounts, accounts }).toEqual({
    regions: ['us-east-1', 'eu-west-1'],
    kinds: ['digest'],
    logAccounts: ['012345678901'],
    accounts: ['B', 'C'],
  })
})

test('a comma in a glob is part of it', () => {
  expect(select({ include: ['*{us,eu}-*'] }).include).toEqual(['*{us,eu}-*'])
})

test.each([
  [{ region: ['us-east1'] }, 'usage.invalid-value'],
  [{ region: ['us-east-1,'] }, 'usage.invalid-value'],
  [{ kind: ['digests'] }, 'usage.invalid-value'],
  [{ 'log-account': ['12345'] }, 'usage.invalid-value'],
  [{ from: ['tomorrow'] }, 'usage.time'],
  [{ from: ['2026-11-08'], until: ['2026-11-01'] }, 'usage.window'],
  [{ from: ['2026-11-08'], last: ['1d'] }, 'usage.window'],
])('%j is refused as %s', (given, code) => {
  expect(() => select(given as Record<string, string[]>)).toThrow(expect.objectContaining({ code }))
})
