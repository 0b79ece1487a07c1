import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { regionPrefix } from '../../../src/trail/key-prefix.ts'
import { formatKey } from '../../../src/trail/key.ts'
import { SeenKeys } from '../../../src/verbs/pull/seen.ts'
import { cutFromPages, heldBytes } from '../../held-bytes.ts'
import { layouts, parsedKeys } from '../../trail/arbitrary-key.ts'

test('knows a key after it was added, and after writing and reading', () => {
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

test('does not keep the memory of the pages that keys came from', () => {
  const stream = { logAccount: '222222222222' as AccountId, region: 'us-east-1', kind: 'events' as const }
  const name = (index: number) => `222222222222_CloudTrail_us-east-1_20261101T0005Z_AbCdEfGhIjKlMn${index}.json.gz`
  const held = heldBytes(() => {
    const seen = new SeenKeys(stream)
    for (const tail of cutFromPages(40, (index) => `2026/11/01/${name(index + 10)}`)) seen.add(tail)
    return seen
  })
  expect(held).toBeLessThan(4_000_000)
})
