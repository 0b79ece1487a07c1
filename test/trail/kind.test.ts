import { expect, test } from 'vitest'
import { kindFolder, kindOfFolder, kinds } from '../../src/trail/kind.ts'

test('every kind is found again by its folder', () => {
  expect(kinds.map((kind) => kindOfFolder(kindFolder(kind)))).toEqual(kinds)
})

test.each(['', 'cloudtrail', 'CloudTrail/', 'Config', 'constructor'])('"%s" is the folder of no kind', (folder) => {
  expect(kindOfFolder(folder)).toBeUndefined()
})
