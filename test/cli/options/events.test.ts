import { describe, expect, test } from 'vitest'
import { filterOptions, readConditions } from '../../../src/cli/options/events.ts'
import type { Condition } from '../../../src/verbs/events/filter/event-filter.ts'
import { compileCondition } from '../../../src/verbs/events/filter/event-filter.ts'
import { codeOf } from '../../disk/error-code.ts'

/** The conditions of options that are given like `{ ip: ['10.0.0.0/8'] }`. */
function conditions(given: Readonly<Record<string, readonly string[]>>): Condition[] {
  const values = Object.entries(filterOptions).map(([name, option]) => [
    name,
    option.read(given[name], `--${name}`, {}),
  ])
  return readConditions(Object.fromEntries(values) as Parameters<typeof readConditions>[0])
}

describe('--ip', () => {
  test.each([
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.256',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.*/8',
    '10.0.0',
    '2001:db8::/129',
    '2001:db8::g/32',
    '2001:db8:::1',
    '!10.0.0.0/33',
    'example.com/8',
    '!',
    '',
  ])('refuses %j, which no record can match', (text) => {
    expect(codeOf(() => conditions({ ip: [text] }))).toBe('usage.invalid-value')
  })

  test.each([
    '10.0.0.0/8',
    '!10.0.0.0/32',
    '0.0.0.0/0',
    '2001:db8::/32',
    '::1',
    '::ffff:10.0.0.1',
    '10.0.*',
    '10.0.0.?',
    'AWS Internal',
    'secretsmanager.amazonaws.com',
    '!*.amazonaws.com',
    '*',
  ])('accepts %j', (text) => {
    expect(conditions({ ip: [text] })).toHaveLength(1)
  })
})

describe('! before a value', () => {
  test('needs a value', () => {
    const names = Object.keys(filterOptions).filter((name) => !name.endsWith('only'))
    for (const name of names) {
      expect(codeOf(() => conditions({ [name]: ['!'] }))).toBe('usage.invalid-value')
    }
  })

  test('excludes it, for each filter that takes values', () => {
    const names = Object.keys(filterOptions).filter((name) => !/only$|^ip$/.test(name))
    for (const name of names) {
      expect(conditions({ [name]: ['a', '!b'] })).toEqual([expect.objectContaining({ any: ['a'], none: ['b'] })])
    }
  })

  test.each([
    ['!x', { v: 'axb' }, false],
    ['!x', { v: 'ab' }, true],
    ['\\!x', { v: 'a!xb' }, true],
    ['\\!x', { v: 'axb' }, false],
    ['!!x', { v: 'a!xb' }, false],
    ['!!x', { v: 'axb' }, true],
    ['\\x', { v: 'a\\xb' }, true],
  ])('--contains %s on %j matches: %j', (text, record, matches) => {
    const [condition] = conditions({ contains: [text] })
    expect(condition && compileCondition(condition).matches(record)).toBe(matches)
  })

  test.each([
    ['\\!x', '!x', true],
    ['\\!x', 'x', false],
    ['!\\!x', '!x', false],
  ])('--event-name %s on %j matches: %j', (text, eventName, matches) => {
    const [condition] = conditions({ 'event-name': [text] })
    expect(condition && compileCondition(condition).matches({ eventName })).toBe(matches)
  })
})
