import { expect, test } from 'vitest'
import { eventRow, RowPlaces, rowTimeMs } from '../../src/records/event-row.ts'

const log = { logAccount: '222222222222', region: 'us-east-1', kind: 'events', file: 'a' }

test.each(['{"eventID":"a"}', '{}', '{ }', ' {"a":{}}'.trim(), '{\t"a":1}'])(
  'the row of %s is JSON with the fields of its log first',
  (record) => {
    const row = eventRow(Buffer.from(record), log).toString()
    const fields = { log_account: '222222222222', log_region: 'us-east-1', kind: 'events', file: 'a' }
    expect(JSON.parse(row)).toEqual({ ...fields, ...(JSON.parse(record) as object) })
    expect(row.startsWith('{"log_account":"222222222222","log_region":"us-east-1",')).toBe(true)
  },
)

test('places are read from rows in any order', () => {
  const places = new RowPlaces()
  const row = (logAccount: string | undefined, region: string | undefined) =>
    eventRow(Buffer.from('{"a":1}'), { ...log, logAccount, region })
  for (const [account, region] of [
    ['1', 'a'],
    ['1', 'a'],
    ['1', 'ab'],
    ['1', 'a'],
    [undefined, 'é"\\'],
    ['1', undefined],
    [undefined, undefined],
  ] as const) {
    expect(places.of(row(account, region))).toEqual({ account: account ?? null, region: region ?? null })
  }
  expect(() => places.of(Buffer.from('{"eventID":"a"}'))).toThrow('a row begins with')
})

test.each([
  ['{"eventTime":"2026-11-30T12:00:00Z"}', '2026-11-30T12:00:00Z'],
  [
    '{"eventTime":"2026-11-29T12:00:00Z","x":{"eventTime":"no"},"eventTime":"2026-11-30T12:00:00Z"}',
    '2026-11-30T12:00:00Z',
  ],
  ['{"event\\u0054ime":"2026-11-30T12:00:00Z"}', '2026-11-30T12:00:00Z'],
  ['{"timeWindow":{"windowStart":"2026-11-30T12:00:00Z"}}', '2026-11-30T12:00:00Z'],
  ['{"timeWindow":{"windowStart":"2026-11-30T12:00:00Z"},"eventTime":12}', '2026-11-30T12:00:00Z'],
  ['{"eventTime":"noon"}', undefined],
  ['{}', undefined],
])('the time of %s is %s', (record, time) => {
  expect(rowTimeMs(eventRow(Buffer.from(record), log))).toBe(time === undefined ? Number.NaN : Date.parse(time))
})
