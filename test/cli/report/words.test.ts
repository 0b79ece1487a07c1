import { describe, expect, it } from 'vitest'
import { html } from '../../../src/cli/render/report/html.ts'
import {
  counted,
  instantIn,
  listed,
  listedFirst,
  prose,
  shareText,
  spanText,
} from '../../../src/cli/render/report/words.ts'

describe('the words of a report', () => {
  it('have the right number', () => {
    expect([0, 1, 2, 1234].map((count) => counted(count, 'log'))).toEqual(['0 logs', '1 log', '2 logs', '1,234 logs'])
    expect(counted(1, 'row is', 'rows are')).toBe('1 row is')
    expect(counted(2, 'row is', 'rows are')).toBe('2 rows are')
  })

  it('name several things as a sentence does', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c'])
    expect(listedFirst(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
    expect(listedFirst(['a', 'b'], 2)).toBe('a and b')
  })

  it.each([
    ['2026-11-01T00:00:00Z', '2026-11-01 00:00 UTC'],
    ['2026-11-01T12:30:05Z', '2026-11-01 12:30:05 UTC'],
    ['2026-11-01T12:30:05.123Z', '2026-11-01 12:30:05 UTC'],
  ])('the instant %s is %s', (instant, text) => {
    expect(instantIn(instant).text).toBe(`<time datetime="${instant}">${text}</time>`)
  })

  it.each([
    [0, '0 s'],
    [59.6, '1 min'],
    [260, '4 min 20 s'],
    [3600, '1 h'],
    [11_100, '3 h 5 min'],
    [190_000, '2 days 5 h'],
    [172_800, '2 days'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(spanText(seconds)).toBe(text)
  })

  it('a share is 0% or 100% only if it is', () => {
    expect([0, 1, 5000, 9999, 10_000].map((part) => shareText(part, 10_000))).toEqual([
      '0%',
      '<0.1%',
      '50.0%',
      '>99.9%',
      '100%',
    ])
    expect(shareText(0, 0)).toBe('0%')
  })

  it('show what is between backticks as code, and escape it', () => {
    expect(html`${prose('run `a <b>` now')}`.text).toBe('run <code>a &lt;b&gt;</code> now')
    expect(html`${prose('a lone ` backtick')}`.text).toBe('a lone ` backtick')
  })
})
