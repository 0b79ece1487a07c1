import { hash } from 'node:crypto'
import type { InflateLimit } from '../../disk/file-form.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import { isArchived } from '../../sinks/archived.ts'
import { type HeldObject, heldObject } from '../../sinks/object-receiver.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { hourMs } from '../../trail/calendar.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { windowHolds } from '../../trail/window.ts'
import { keyFilter } from '../../work/key-filter.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { Outcome } from '../../work/outcome.ts'
import type { Selection } from '../../work/selection.ts'
import type { CheckedDigest, DigestState } from './check-digest.ts'
import { checkLog, type ListedLog } from './check-log.ts'
import type { VerifyFinding, VerifyFindingCode } from './finding.ts'
import { gzipContents } from './gzip-contents.ts'
import type { JoinedLog } from './log-join.ts'
import { mostDigestBytes, type StreamSlice } from './place.ts'
import type { LogState } from './result.ts'
import type { StreamGiver } from './stream-source.ts'
import type { Verification } from './verification.ts'

/** What is known of an object before it is read. */
export type Proof =
  | { readonly state: 'listed'; readonly listed: ListedLog }
  /** A digest with the SHA-256 of its unzipped bytes. */
  | { readonly state: 'proven'; readonly sha256: string }
  | { readonly state: Refused }

/** Why an object is not taken. */
export type Refused = Exclude<LogState | DigestState, 'verified' | 'proven'>

/** An object of a stream, with what is known of it. */
export interface JudgedObject extends LogObject {
  readonly proof: Proof
}

/** Gives all logs of a stream, and the digests that are selected. */
export function judgedObjects({ kinds, window, include, exclude }: Selection): StreamGiver {
  const takesDigests = kinds.length === 0 || kinds.includes('digest')
  const filter = keyFilter({ include, exclude })
  const isSelected = (key: string, deliveredAtMs: number) =>
    takesDigests && windowHolds(window, deliveredAtMs) && filter(key)
  return {
    log: (log): JudgedObject => ({ ...log.object, proof: proofOfLog(log) }),
    digest(digest): JudgedObject | undefined {
      const { object, key, parts } = digest
      const { logAccount, region, kind, deliveredAtMs } = parts
      if (object === undefined || !isSelected(key, deliveredAtMs)) return undefined
      return { ...object, logAccount, region, kind, deliveredAtMs, proof: proofOfDigest(digest) }
    },
  }
}

function proofOfLog(log: JoinedLog): Proof {
  return log.state === 'listed' ? { state: 'listed', listed: log.listed } : { state: log.state }
}

/** The signature covers the unzipped bytes, so a proven digest may still be followed by other data, or have been moved. */
const notAsDelivered = new Set<VerifyFindingCode>([
  'verify.digest-malformed',
  'verify.digest-misplaced',
  'verify.digest-of-other-chain',
])

function proofOfDigest({ state, sha256, isInPlace, findings }: CheckedDigest): Proof {
  if (state !== 'proven' || sha256 === undefined) return { state: state === 'unsigned' ? state : 'unproven' }
  const isAsDelivered = isInPlace && findings.every(({ code }) => !notAsDelivered.has(code))
  return isAsDelivered ? { state, sha256 } : { state: 'wrong' }
}

export interface VerifiedTaking<B> extends InflateLimit {
  readonly verification: Verification
  readonly readerOf: (bucket: B, account: string) => ObjectReader
  /** Aborted: give up what waits for a retry. */
  readonly signal: AbortSignal
  /** Returns the outcome of an object that is not verified. */
  readonly refuse: (object: LogObject, account: string, why: Refused) => Outcome
  /** Takes a verified object. `held` was read of it. */
  readonly take: (object: LogObject, account: string, bucket: B, held: HeldObject) => Outcome | (() => Promise<Outcome>)
  /** Called for an archived object that would be verified if it could be read. Returns undefined if it can be read now. */
  readonly thaw?: ((object: LogObject, account: string) => Promise<Outcome | undefined>) | undefined
  /** Returns the outcome of an object that cannot be read. Default: it failed. */
  readonly unread?: ((object: LogObject, account: string, error: CrosstrailError) => Outcome) | undefined
}

/**
 * Takes only objects that are verified: logs that a proven digest lists and that have the listed hash, and proven digests. Each object is read
 * and compared first.
 */
export function verifiedTake<B>(taking: VerifiedTaking<B>): ObjectAction<B, unknown, StreamSlice>['take'] {
  const { verification, refuse } = taking
  return (object, account, bucket) => {
    const proof = proofOf(object)
    if (proof.state !== 'listed' && proof.state !== 'proven') return refuse(object, account, proof.state)
    const archived = async (): Promise<Outcome | undefined> => {
      const outcome =
        taking.thaw === undefined ? refuse(object, account, 'archived') : await taking.thaw(object, account)
      if (outcome !== undefined && proof.state === 'listed') verification.unchecked(object, proof.listed, 'archived')
      return outcome
    }
    return async () => {
      const waiting = isArchived(object) ? await archived() : undefined
      if (waiting !== undefined) return waiting
      let held: HeldObject
      try {
        held = await readObject(object, taking.readerOf(bucket, account), taking.signal)
        if (!isProven(object, held.body, proof, taking)) {
          if (proof.state === 'proven') verification.finding(unreadDigest(object, 'its bytes changed'))
          return refuse(object, account, 'wrong')
        }
      } catch (error) {
        if (!(error instanceof CrosstrailError) || error.code === 'interrupted') throw error
        // An archive tier of INTELLIGENT_TIERING shows only now.
        const outcome = hasCode(error, 'object.archived') ? await archived() : undefined
        if (outcome !== undefined) return outcome
        if (proof.state === 'listed') verification.unchecked(object, proof.listed, 'failed')
        if (taking.unread === undefined) throw error
        if (proof.state === 'proven') verification.finding(unreadDigest(object, error.message))
        return taking.unread(object, account, error)
      }
      const taken = taking.take(object, account, bucket, held)
      return typeof taken === 'function' ? taken() : taken
    }
  }
}

/** A digest was proven when its chain was read, and is read again when it is taken. */
function unreadDigest({ key, deliveredAtMs: endMs }: LogObject, why: string): VerifyFinding {
  const message = `the digest ${key} could not be read again: ${why}`
  return { code: 'verify.digest-unread', key, chain: undefined, startMs: endMs - hourMs, endMs, message }
}

/** Reads an object. One without an ETag is refused, because its replacement would not be noticed. */
function readObject(object: LogObject, reader: ObjectReader, signal: AbortSignal): Promise<HeldObject> {
  if (object.etag !== '') return reader.get(object, () => heldObject(object), signal)
  throw new CrosstrailError('bucket.malformed-answer', `the listing has no ETag for ${object.key}`, {
    hint: 'without it crosstrail cannot see whether the object is replaced after it was verified',
  })
}

function isProven(
  object: LogObject,
  body: Buffer,
  proof: Extract<Proof, { state: 'listed' | 'proven' }>,
  { verification, maxInflatedBytes }: Pick<VerifiedTaking<never>, 'verification' | 'maxInflatedBytes'>,
): boolean {
  if (proof.state === 'listed') {
    const check = checkLog(body, proof.listed, { maxInflatedBytes, mayBePlain: false })
    verification.checked(object, proof.listed, check)
    return check.findings.length === 0
  }
  const { bytes, damage } = gzipContents(body, { maxInflatedBytes: mostDigestBytes })
  return bytes !== undefined && damage === undefined && hash('sha256', bytes, 'hex') === proof.sha256
}

function proofOf(object: object): Proof {
  const { proof } = object as Partial<JudgedObject>
  if (proof === undefined) throw new Error('an object without what is known of it')
  return proof
}
