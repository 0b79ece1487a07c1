import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { tableLine, textTable } from '../../../src/cli/render/text-table.ts'

const columns = [{ title: 'NAME' }, { title: 'SIZE', align: 'right' }, { title: 'KEY' }] as const
const rows = [
  ['a', '5', 'short'],
  ['longer', '12345', 'x'.repeat(40)],
]

test('columns are as wide as their widest cell', () => {
  expect(textTable(columns, rows)).toEqual([
    'NAME     SIZE  KEY',
    'a           5  short',
    `longer  12345  ${'x'.repeat(40)}`,
  ])
})

test('without a terminal a table stays a table', () => {
  expect(textTable(columns, rows).join('')).toContain('x'.repeat(40))
})

test('on a narrower terminal the last column is wrapped', () => {
  expect(textTable(columns, rows, 36)).toEqual([
    'NAME     SIZE  KEY',
    'a           5  short',
    `longer  12345  ${'x'.repeat(21)}`,
    `               ${'x'.repeat(19)}`,
  ])
})

test('each row is a block if there is too little room for the last column', () => {
  expect(textTable(columns, rows, 30)).toEqual([
    'NAME  a',
    'SIZE  5',
    'KEY   short',
    '',
    'NAME  longer',
    'SIZE  12345',
    `KEY   ${'x'.repeat(24)}`,
    `      ${'x'.repeat(16)}`,
  ])
})

test('a column of numbers is never wrapped', () => {
  const numbers = [{ title: 'A' }, { title: 'B', align: 'right' }] as const
  expect(textTable(numbers, [['x'.repeat(10), '1,234,567,890,123,456,789,012']], 35)).toEqual([
    'A  xxxxxxxxxx',
    'B  1,234,567,890,123,456,789,012',
  ])
})

test('splits a text at its spaces', () => {
  expect(textTable([{ title: 'A' }], [['one two three four five six']], 21)).toEqual([
    'A',
    'one two three four',
    'five six',
  ])
})

test('no line is wider than a terminal that is wide enough for the titles, and no cell is lost', () => {
  const cell = fc.stringMatching(/^[a-z ]{0,30}$/)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 20, max: 100 }),
      (cells, width) => {
        const lines = textTable(columns, cells, width)
        expect(lines.filter((line) => line.length > width)).toEqual([])
        const letters = (texts: readonly string[]) =>
          texts
            .join('')
            .replaceAll(/[^a-z]/g, '')
            .split('')
            .toSorted()
        expect(letters(lines)).toEqual(letters(cells.flat()))
      },
    ),
  )
})

test('shows all of a cell that is wider than its fixed column', () => {
  expect(tableLine([{ title: 'A' }, { title: 'B' }], [2, 0], ['abcdef', 'key'])).toBe('abcdef  key')
})

test('columns of wide characters are aligned, and no line is wider than the terminal', () => {
  expect(
    textTable(
      [{ title: 'NAME' }, { title: 'KEY' }],
      [
        ['漢字', 'x'],
        ['e\u0301', '漢字'.repeat(8)],
      ],
      26,
    ),
  ).toEqual(['NAME  KEY', '漢字  x', `e\u0301     ${'漢字'.repeat(5)}`, `      ${'漢字'.repeat(3)}`])
  expect(textTable([{ title: 'A' }, { title: 'B' }], [['x', '漢😀']], 4)).toEqual(['A  x', 'B  漢', '   😀'])
})
