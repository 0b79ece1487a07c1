import { maskedForeignText } from '../../../secrets/masked-text.ts'
import { utcInstant } from '../../../trail/calendar.ts'
import { printable } from '../printable.ts'
import { DerReader, NotDer, tags } from './der.ts'
import { objectIds } from './object-ids.ts'
import type { TimestampRequest } from './timestamp-request.ts'

/** The answer is not a timestamp of what was asked for. The message continues "the timestamp authority …". */
export class WrongTimestamp extends Error {}

/**
 * Returns the time in the answer (TimeStampResp of RFC 3161). Checks that it was granted and is for this hash and this request; the
 * signature is for `openssl ts`, which knows which authority to trust. Throws `WrongTimestamp`.
 */
export function readTimestamp(answer: Uint8Array, request: TimestampRequest): number {
  try {
    return timeOf(answer, request)
  } catch (error) {
    if (error instanceof NotDer) throw new WrongTimestamp(`sent no timestamp that can be read: ${error.message}`)
    throw error
  }
}

function timeOf(answer: Uint8Array, { sha256, nonce }: TimestampRequest): number {
  const info = new DerReader(tokenInfo(answer))
  if (!info.read(tags.integer).equals(Buffer.from([1]))) throw new WrongTimestamp('sent a timestamp of another version')
  info.read(tags.objectId)
  const imprint = info.enter(tags.sequence)
  const algorithm = imprint.enter(tags.sequence).read(tags.objectId)
  const isOurs = algorithm.equals(objectIds.sha256) && imprint.read(tags.octetString).equals(sha256)
  if (!isOurs) throw new WrongTimestamp('sent the timestamp of another hash')
  info.read(tags.integer)
  const atMs = instantOf(info.read(tags.generalizedTime).toString('latin1'))
  // The accuracy, and whether timestamps are ordered.
  info.optional(tags.sequence)
  info.optional(tags.boolean)
  if (info.optional(tags.integer)?.equals(nonce) !== true) {
    throw new WrongTimestamp('sent the answer to another request: its nonce differs')
  }
  return atMs
}

/** Returns the DER of the TSTInfo in an answer that grants a timestamp. */
function tokenInfo(answer: Uint8Array): Buffer {
  const outer = new DerReader(answer)
  const response = outer.enter(tags.sequence)
  outer.end()
  demandGranted(response.enter(tags.sequence))
  const content = response.enter(tags.sequence)
  response.end()
  demandType(content, objectIds.signedData, 'signed data')
  const signed = content.enter(tags.context0).enter(tags.sequence)
  signed.read(tags.integer)
  signed.read(setTag)
  const inner = signed.enter(tags.sequence)
  demandType(inner, objectIds.timestampInfo, 'a timestamp')
  const info = new DerReader(inner.enter(tags.context0).read(tags.octetString))
  return info.read(tags.sequence)
}

const setTag = 0x31

function demandType(reader: DerReader, type: Buffer, name: string): void {
  if (!reader.read(tags.objectId).equals(type)) throw new WrongTimestamp(`sent something that is not ${name}`)
}

/** 0: granted; 1: granted with changes. */
function demandGranted(status: DerReader): void {
  const code = status.read(tags.integer)
  if (code.length === 1 && (code[0] === 0 || code[0] === 1)) return
  const words: string[] = []
  if (status.tag === tags.sequence) {
    const texts = status.enter(tags.sequence)
    while (texts.tag !== undefined) words.push(texts.read(tags.utf8String).toString('utf8'))
  }
  const said = words.length === 0 ? '' : `: ${printable(maskedForeignText(words.join('; ').slice(0, mostWords)))}`
  const number = code.length === 1 ? code.readInt8() : 'that RFC 3161 does not have'
  throw new WrongTimestamp(`refused the request with the status ${number}${said}`)
}

const mostWords = 300

/** `20261101T120000Z` without the T, perhaps with a fraction. */
function instantOf(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (match ?? []).slice(1).map(Number)
  const instantMs = match ? utcInstant(year, month, day, hour, minute, second) : undefined
  if (instantMs === undefined) throw new WrongTimestamp('sent a timestamp without a valid time')
  return instantMs
}
