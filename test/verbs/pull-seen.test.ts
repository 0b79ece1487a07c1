import fc from 'fast-check'
import { expect, test } from 'vitest'
import { regionPrefix } from '../../src/trail/key-prefix.ts'
import { formatKey } from '../../src/trail/key.ts'
import { SeenKeys } from '../../src/verbs/pull-seen.ts'
import { layouts, parsedKeys } from '../trail/arbitrary-key.ts'

test('a key is seen once it was added, and after it was written and read', () => {
  fc.assert(
    fc.property(parsedKeys, layouts, (parts, layout) => {
      const tail = formatKey(parts, layout).slice(
        regionPrefix(layout, parts.logAccount, parts.kind, parts.region).length,
      )
      const seen = new SeenKeys(parts)
      expect(seen.has(tail)).toBe(false)
      seen.add(tail)
      const read = new SeenKeys(parts, JSON.parse(JSON.stringify(seen)) as Record<string, string[]>)
      expect(read.has(tail)).toBe(true)
      expect(read.has(`${tail.slice(0, -8)}-.json.gz`)).toBe(false)
      read.forgetBefore(parts.deliveredAtMs)
      expect(read.has(tail)).toBe(true)
    }),
  )
})
