import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from '../../../src/cli/render/csv.ts'

test.each([
  [['a', 'b'], 'a,b'],
  [['a,b', 'c'], '"a,b",c'],
  [['say "hi"'], '"say ""hi"""'],
  [[1, true, undefined, ''], '1,true,,'],
  [[' edge'], '" edge"'],
  [['two\nlines'], 'two\\x0alines'],
])('writes %j as %s', (values, line) => {
  expect(csvLine(values)).toBe(line)
})

test('a reader of RFC 4180 reads every printable value back', () => {
  const printable = fc.string({ unit: fc.constantFrom(',', '"', 'a', ' ', '=', ';', 'é') })
  fc.assert(
    fc.property(fc.array(printable, { minLength: 1 }), (values) => {
      expect(readCsvLine(csvLine(values))).toEqual(values)
    }),
  )
})

function readCsvLine(line: string): string[] {
  return [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
}
