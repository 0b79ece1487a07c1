import { expect, test } from 'vitest'
import { lockOn } from '../../src/lab/object-lock.ts'
import { deleteMarker, storedObject, type PutOptions } from '../../src/lab/stored-object.ts'

test.each([
  ['nothing', {}, undefined],
  ['governance', { retention: { mode: 'GOVERNANCE', untilMs: 11 } }, 'governance'],
  ['compliance', { retention: { mode: 'COMPLIANCE', untilMs: 11 } }, 'compliance'],
  ['an expired retention', { retention: { mode: 'COMPLIANCE', untilMs: 10 } }, undefined],
  ['a legal hold', { legalHold: true, retention: { mode: 'GOVERNANCE', untilMs: 11 } }, 'legal-hold'],
  ['a legal hold that is off', { legalHold: false }, undefined],
] as const)('%s locks as it says', (_, options: PutOptions, lock) => {
  expect(lockOn(storedObject(Buffer.from('x'), 'v', 0, options), 10)).toBe(lock)
})

test('a delete marker is never locked', () => {
  expect(lockOn({ ...deleteMarker('v', 0), legalHold: true }, 10)).toBeUndefined()
})
