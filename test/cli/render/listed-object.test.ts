import fc from 'fast-check'
import { expect, it } from 'vitest'
import { safeJson } from '../../../src/cli/render/escape.ts'
import { type ListedRow, listedObjectShape } from '../../../src/cli/render/listed-object.ts'
import { formatKey } from '../../../src/trail/key.ts'
import { parsedKeys } from '../../trail/arbitrary-key.ts'

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('a"b', 'a\\b', '\u202e', 'é', ''))
const listed = fc.record({ etag: text, sizeBytes: fc.nat(), lastModifiedMs: fc.nat(), storageClass: text })

const foreign = fc.tuple(listed, text).map(([object, key]): ListedRow => ({ account: 'Z', object: { ...object, key } }))

/** Objects of one folder below several prefixes. */
const logsOfAPlace = fc
  .tuple(
    parsedKeys,
    fc.array(fc.tuple(listed, fc.constantFrom('', 'logs', 'a"b', 'a\\b', '\u202e', 'é'), fc.boolean())),
  )
  .map(([parts, objects]) =>
    objects.map(([object, prefix, isUsual]): ListedRow => {
      const { logAccount, region, kind, deliveredAtMs } = parts
      const storageClass = isUsual ? 'STANDARD' : object.storageClass
      const key = formatKey(parts, { prefix })
      return { account: 'Z', object: { ...object, storageClass, key, logAccount, region, kind, deliveredAtMs } }
    }),
  )

it('a JSON line equals the record, for any key and any object before', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(logsOfAPlace, fc.array(foreign))), (groups) => {
      for (const row of groups.flat()) {
        expect(listedObjectShape.json?.(row)).toBe(safeJson(listedObjectShape.record(row)))
      }
    }),
  )
})
