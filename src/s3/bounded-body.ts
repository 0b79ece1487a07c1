import { CrosstrailError, type ErrorCode } from '../error.ts'
import { joinChunks } from './http.ts'

/** The most bytes that an answer may have, and the code of the error if it has more. */
export interface AnswerLimit {
  readonly maxBytes: number
  readonly code: ErrorCode
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/**
 * Of every answer of S3 that is no object: the largest is a page of 1,000 keys of 1,024 bytes, of which each can be written as six characters
 * (`&quot;`), with 2 KiB of facts for each key.
 */
export const s3AnswerLimit: AnswerLimit = { maxBytes: 8 * mebibyte, code: 'bucket.answer-too-large' }

/** Of a refusal: S3's have under 2 KiB, the page of a proxy may have more. As many are held at once as there are calls under way. */
export const refusalLimit: AnswerLimit = { maxBytes: 256 * kibibyte, code: 'bucket.answer-too-large' }

/** Of an answer with credentials: those of STS have some KiB. */
export const sessionAnswerLimit: AnswerLimit = { maxBytes: mebibyte, code: 'network.answer-too-large' }

/** Holds the body of an answer, and no more of it than a limit allows. */
export class BoundedBody {
  readonly #limit: AnswerLimit
  readonly #of: () => string
  #chunks: Buffer[] = []
  #sizeBytes = 0

  /** `of`: what it answers, for an error. */
  constructor(limit: AnswerLimit, of: () => string) {
    this.#limit = limit
    this.#of = of
  }

  /** Throws the limit's code: a receiver that throws ends the exchange, and its connection with it. */
  add(chunk: Buffer): void {
    const { maxBytes, code } = this.#limit
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes <= maxBytes) return void this.#chunks.push(chunk)
    this.#chunks = []
    throw new CrosstrailError(code, `the answer to ${this.#of()} is larger than ${maxBytes / kibibyte} KiB`, {
      hint: 'no such answer is: see what answers under the endpoint, and whether a proxy stands in between',
      facts: { maxBytes },
    })
  }

  bytes(): Buffer {
    const bytes = joinChunks(this.#chunks)
    // Nobody needs the pieces any more.
    this.#chunks = [bytes]
    return bytes
  }
}
