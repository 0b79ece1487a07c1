import { createHash } from 'node:crypto'

export const eventIdBytes = 16

/** Returns 16 bytes that stand for an event's id: a UUID itself, or a part of a hash. */
export function shortEventId(eventId: string): Buffer {
  const hex = eventId.replaceAll('-', '')
  if (/^[0-9a-f]{32}$/i.test(hex)) return Buffer.from(hex, 'hex')
  return createHash('sha256').update(eventId).digest().subarray(0, eventIdBytes)
}

/** Writes the same 16 bytes into `target`. Most ids are UUIDs in lower case, for which it allocates nothing. */
export function writeShortEventId(eventId: string, target: Uint8Array, start: number): void {
  if (!writeUuid(eventId, target, start)) target.set(shortEventId(eventId), start)
}

const uuidCharacters = 36
const dash = 0x2d

/** Returns false if the text is not a UUID in lower case with four dashes. The target then has undefined content. */
function writeUuid(text: string, target: Uint8Array, start: number): boolean {
  if (text.length !== uuidCharacters) return false
  let to = start
  for (let at = 0; at < uuidCharacters; at += 2) {
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (text.charCodeAt(at) !== dash) return false
      at++
    }
    const value = (digitOf(text.charCodeAt(at)) << 4) | digitOf(text.charCodeAt(at + 1))
    if (value < 0) return false
    target[to++] = value
  }
  return true
}

/** Returns a negative number if the character is not a hexadecimal digit in lower case. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1
}
