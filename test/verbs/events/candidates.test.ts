import { expect, test } from 'vitest'
import { splitLog } from '../../../src/records/split-log.ts'
import { Candidates } from '../../../src/verbs/events/filter/candidates.ts'

function candidatesOf(records: readonly string[], ...groups: readonly (readonly string[])[]) {
  const bytes = Buffer.from(`{"Records":[${records.join(',')}]}`)
  const candidates = new Candidates(groups.map((needles) => needles.map((needle) => Buffer.from(needle))))
  return candidates.of(bytes, splitLog(bytes, 'k'))
}

const ab = '{"x":"aa","y":"bb"}'
const records = ['{"x":"aa"}', '{"y":"bb"}', ab, '{}', String.raw`{"z":"\u0061"}`, '{"x":"aa"}', ab]

test('without groups, all records are candidates', () => {
  expect(candidatesOf(records)).toBeUndefined()
})

test('a candidate has one needle of each group, or an escape', () => {
  expect(candidatesOf(records, ['aa'])).toEqual([0, 2, 4, 5, 6])
  expect(candidatesOf(records, ['aa', 'bb'])).toEqual([0, 1, 2, 4, 5, 6])
  expect(candidatesOf(records, ['aa'], ['bb'])).toEqual([2, 4, 6])
  expect(candidatesOf(records, ['bb'], ['aa', 'zz'])).toEqual([2, 4, 6])
  expect(candidatesOf(records, ['zz'])).toEqual([4])
})

test('a record with an escape is a candidate wherever it is', () => {
  const escaped = String.raw`{"z":"a\/b"}`
  expect(candidatesOf([escaped, '{}', escaped, escaped, ab, '{}', escaped], ['bb'])).toEqual([0, 2, 3, 4, 6])
})

test('a log without records has no candidates', () => {
  expect(candidatesOf([], ['aa'])).toEqual([])
})
