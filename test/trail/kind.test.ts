import { expect, test } from 'vitest'
import { kindFolder, kindOfFolder, kinds } from '../../src/trail/kind.ts'

test('the folder of every kind maps back to the kind', () => {
  expect(kinds.map((kind) => kindOfFolder(kindFolder(kind)))).toEqual(kinds)
})

test.each(['', 'cloudtrail', 'CloudTrail/', 'Config', 'constructor'])('"%s" is not the folder of a kind', (folder) => {
  expect(kindOfFolder(folder)).toBeUndefined()
})
