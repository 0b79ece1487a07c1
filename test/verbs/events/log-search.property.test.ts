import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filterFields } from '../../../src/verbs/events/filter/fields.ts'
import { linesOf } from '../../../src/verbs/events/found-records.ts'
import { LogSearch } from '../../../src/verbs/events/log-search.ts'
import { naiveMatches } from './naive-search.ts'
import { nearCase } from './near-records.ts'

const open = { window: {}, logAccounts: [], regions: [], kinds: [] } as const

/** Numbers that depend only on the seed. Much faster than values of fast-check, so that thousands of logs are searched. */
function dice(seed: number): (below: number) => number {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const runsOfField = 1000

test.each(filterFields)('a search by %s finds what parsing every record finds', (field) => {
  let matched = 0
  let unmatched = 0
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const pick = dice(seed)
      const { log, records, conditions } = nearCase(field, pick)
      const wanted = records.filter((record) =>
        naiveMatches(JSON.parse(record.toString()) as Record<string, unknown>, conditions),
      )
      matched += wanted.length
      unmatched += records.length - wanted.length
      const shown = { conditions, log: log.toString() }
      const asBytes = new LogSearch({ ...open, conditions, form: { type: 'bytes' } }).search(log, { file: 'f' })
      const lines = asBytes.found === undefined ? [] : [...linesOf(asBytes.found)].map(text)
      // An expectation takes longer than the search.
      if (lines.join('\n') !== wanted.map(onOneLine).join('\n'))
        expect({ ...shown, lines }).toEqual({ ...shown, lines: wanted.map(onOneLine) })
      if (asBytes.records !== records.length || asBytes.unreadable.length > 0)
        expect({ ...shown, ...asBytes }).toMatchObject({ records: records.length, unreadable: [] })
      const form = { type: 'fields', fields: ['eventName', 'x'] } as const
      const asFields = new LogSearch({ ...open, conditions, form }).search(log, { file: 'f' })
      if (asFields.records !== records.length || (asFields.found?.count ?? 0) !== wanted.length)
        expect({ ...shown, ...asFields }).toMatchObject({ records: records.length, found: { count: wanted.length } })
    }),
    { numRuns: runsOfField },
  )
  // The patterns are near enough to the values that many match, and many do not.
  expect(matched).toBeGreaterThan(runsOfField / 4)
  expect(unmatched).toBeGreaterThan(runsOfField / 4)
})

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function onOneLine(record: Buffer): string {
  return record.toString('latin1').replaceAll(/[\r\n]+[ \t\r\n]*/g, ' ')
}
