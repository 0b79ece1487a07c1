import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventIdBytes, shortEventId, writeShortEventId } from '../../src/sinks/event-id.ts'

test('an id is written as the same bytes that it is shortened to', () => {
  const uuid = fc.uuid()
  const id = fc.oneof(
    uuid,
    uuid.map((text) => text.toUpperCase()),
    uuid.map((text) => text.replaceAll('-', '')),
    uuid.map((text) => text.replace('-', 'a')),
    uuid.map((text) => text.replace(/[0-9a-f]/, 'g')),
    uuid.map((text) => `${text.slice(0, -1)}:`),
    fc.string(),
  )
  fc.assert(
    fc.property(id, (eventId) => {
      const target = new Uint8Array(3 * eventIdBytes)
      writeShortEventId(eventId, target, eventIdBytes)
      expect(Buffer.from(target)).toEqual(
        Buffer.concat([Buffer.alloc(eventIdBytes), shortEventId(eventId), Buffer.alloc(eventIdBytes)]),
      )
    }),
    { numRuns: 2000 },
  )
})
