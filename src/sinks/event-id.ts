import { createHash } from 'node:crypto'

export const eventIdBytes = 16

/** 16 bytes that stand for an event's id. A UUID is 16 bytes by itself. */
export function shortEventId(eventId: string): Buffer {
  const hex = eventId.replaceAll('-', '')
  if (/^[0-9a-f]{32}$/i.test(hex)) return Buffer.from(hex, 'hex')
  return createHash('sha256').update(eventId).digest().subarray(0, eventIdBytes)
}
