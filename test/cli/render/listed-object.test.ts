import fc from 'fast-check'
import { expect, it } from 'vitest'
import { safeJson } from '../../../src/cli/render/escape.ts'
import { listedObjectShape } from '../../../src/cli/render/listed-object.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('a"b', 'a\\b', '\u202e', 'é', ''))
const parts = {
  logAccount: '011111111111' as AccountId,
  region: 'us-east-1',
  kind: 'events',
  deliveredAtMs: Date.UTC(2026, 10, 1, 0, 5),
} as const

it('a line of JSON is the record, whatever the key holds', () => {
  fc.assert(
    fc.property(text, text, fc.nat(), fc.boolean(), (key, etag, sizeBytes, isLog) => {
      const listed = { key, etag, sizeBytes, lastModifiedMs: Date.UTC(2026, 10, 1), storageClass: 'STANDARD' }
      const row = { account: 'Z', object: isLog ? { ...listed, ...parts } : listed }
      expect(listedObjectShape.json?.(row)).toBe(safeJson(listedObjectShape.record(row)))
    }),
  )
})
