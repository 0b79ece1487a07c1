import type { LabRequest } from './request.ts'
import { sqsOperationNames } from './sqs/operation-names.ts'
import type { Random } from './random.ts'
import type { Reply } from './reply.ts'

/** The faults that can be requested. The README says what each one looks like on the wire. */
export const faultNames = [
  'slowDown',
  'internalError',
  'expiredToken',
  'expireSession',
  'resetBeforeHeaders',
  'resetMidBody',
  'shortBody',
  'longBody',
  'wrongByte',
  'emptyBody',
  'stall',
  'errorInside200',
  'malformedXml',
  'truncatedXml',
  'repeatedToken',
  'otherListing',
  'keyErrorInside200',
  'unansweredKeys',
] as const

export type FaultName = (typeof faultNames)[number]

/** A fault: one with a name, a wait before the answer, any error of the service, or a change of the answer as by a proxy. */
export type Fault =
  | FaultName
  | { readonly latencyMs: number }
  | { readonly status: number; readonly code: string; readonly message: string }
  | { readonly rewrite: (reply: Reply) => Reply }

/** A request as fault hooks and the request log see it. */
export interface SeenRequest {
  readonly operation: string
  readonly bucket: string
  readonly key: string
  /** For S3: the query. For STS: the form, including the session policy. For CloudTrail and SQS: the fields. */
  readonly query: LabRequest['query']
  readonly headers: LabRequest['headers']
}

export interface FaultRule {
  readonly fault: Fault
  /** The probability for each request that it may hit: 0 to 1. */
  readonly probability: number
  /** Only these operations. Default: the S3 operations that the fault makes sense for. STS, CloudTrail and SQS are hit only if they are named. */
  readonly operations?: readonly string[]
  /** At most this many times. */
  readonly times?: number
}

export interface Faults {
  readonly rules?: readonly FaultRule[]
  /** Called first; its result is used. */
  readonly hook?: (request: SeenRequest) => Fault | undefined
  /** S3 answers `SlowDown` to requests above this rate. */
  readonly slowDownAbovePerSecond?: number
}

/** Returns one rule for every fault, all with the same probability. */
export function everyFault(probability: number): Faults {
  return { rules: faultNames.map((fault) => ({ fault, probability })) }
}

/** Decides with a seeded random number which fault hits which request. */
export class FaultPlan {
  readonly #random: Random
  readonly #now: () => number
  #faults: Faults
  #hits: number[] = []
  #second = 0
  #requestsOfSecond = 0

  constructor(faults: Faults, random: Random, now: () => number) {
    this.#faults = faults
    this.#random = random
    this.#now = now
  }

  /** Replaces all faults; the counts of `times` start again. */
  set(faults: Faults): void {
    this.#faults = faults
    this.#hits = []
  }

  choose(request: SeenRequest): Fault | undefined {
    const hooked = this.#faults.hook?.(request)
    if (hooked !== undefined) return hooked
    if (isS3(request.operation) && this.#isAboveRate()) return 'slowDown'
    for (const [index, rule] of (this.#faults.rules ?? []).entries()) {
      const hits = this.#hits[index] ?? 0
      if (!mayHit(rule, request) || hits >= (rule.times ?? Infinity) || this.#random() >= rule.probability) continue
      this.#hits[index] = hits + 1
      return rule.fault
    }
    return undefined
  }

  #isAboveRate(): boolean {
    const limit = this.#faults.slowDownAbovePerSecond
    if (limit === undefined) return false
    const second = Math.floor(this.#now() / 1_000)
    if (second !== this.#second) this.#requestsOfSecond = 0
    this.#second = second
    this.#requestsOfSecond += 1
    return this.#requestsOfSecond > limit
  }
}

function mayHit({ fault, operations }: FaultRule, { operation, query }: SeenRequest): boolean {
  if (fault === 'repeatedToken' && !query.has('continuation-token')) return false
  if (operations !== undefined) return operations.includes(operation)
  if (!isS3(operation)) return false
  const natural = typeof fault === 'string' ? naturalOperations[fault] : undefined
  return natural === undefined || natural.includes(operation)
}

const bodies = ['GetObject', 'ListObjectsV2', 'ListObjectVersions', 'DeleteObjects', 'CopyObject']

// A wrong byte or a longer body is found only if a length or a checksum is known beforehand, so listings are excluded.
const naturalOperations: Partial<Record<FaultName, readonly string[]>> = {
  resetMidBody: bodies,
  shortBody: bodies,
  longBody: ['GetObject'],
  wrongByte: ['GetObject'],
  emptyBody: bodies,
  stall: bodies,
  errorInside200: ['ListObjectsV2', 'CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'],
  malformedXml: ['ListObjectsV2', 'ListObjectVersions'],
  truncatedXml: ['ListObjectsV2', 'ListObjectVersions', 'DeleteObjects', 'CopyObject'],
  repeatedToken: ['ListObjectsV2'],
  otherListing: ['ListObjectsV2', 'ListObjectVersions'],
  keyErrorInside200: ['DeleteObjects'],
  unansweredKeys: ['DeleteObjects'],
}

const otherOperations: ReadonlySet<string> = new Set([
  'AssumeRole',
  'GetCallerIdentity',
  'ListPublicKeys',
  ...sqsOperationNames,
])

function isS3(operation: string): boolean {
  return !otherOperations.has(operation)
}
