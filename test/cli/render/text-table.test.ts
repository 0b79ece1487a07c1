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

test('nothing is cut where there is no terminal, and a terminal is never overrun', () => {
  expect(textTable(columns, rows, 30).every((line) => line.length <= 30)).toBe(true)
  expect(textTable(columns, rows).join('')).toContain('x'.repeat(40))
})

test('a cell wider than its fixed column is shown whole', () => {
  expect(tableLine([{ title: 'A' }, { title: 'B' }], [2, 0], ['abcdef', 'key'])).toBe('abcdef  key')
})
