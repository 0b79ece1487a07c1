import { CrosstrailError, type ErrorCode } from '../error.ts'
import { joinChunks } from './http.ts'

/** The maximum size of an answer, and the code of the error if it is larger. */
export interface AnswerLimit {
  readonly maxBytes: number
  readonly code: ErrorCode
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** The limit for answers of S3 that are not objects. The largest: 1,000 keys of 1,024 bytes as six characters each (`&quot;`), plus 2 KiB per key. */
export const s3AnswerLimit: AnswerLimit = { maxBytes: 8 * mebibyte, code: 'bucket.answer-too-large' }

/** The limit for a refusal. S3's have under 2 KiB, a proxy's page may have more. Every pending call may hold one. */
export const refusalLimit: AnswerLimit = { maxBytes: 256 * kibibyte, code: 'bucket.answer-too-large' }

/** The limit for an answer with credentials. Answers of STS have a few KiB. */
export const sessionAnswerLimit: AnswerLimit = { maxBytes: mebibyte, code: 'network.answer-too-large' }

/** The limit for a page of CloudTrail's public keys. A key has under 1 KiB. */
export const publicKeysLimit: AnswerLimit = { maxBytes: mebibyte, code: 'network.answer-too-large' }

/** The limit for an answer with messages of a queue: ten of 1 MiB, whose quotation marks are escaped. */
export const messagesLimit: AnswerLimit = { maxBytes: 32 * mebibyte, code: 'network.answer-too-large' }

/** Collects the body of an answer up to a limit. */
export class BoundedBody {
  readonly #limit: AnswerLimit
  readonly #of: () => string
  #chunks: Buffer[] = []
  #sizeBytes = 0

  /** `of`: the name of the call, for the error. */
  constructor(limit: AnswerLimit, of: () => string) {
    this.#limit = limit
    this.#of = of
  }

  /** Throws the limit's code. An error in a receiver ends the exchange and closes its connection. */
  add(chunk: Buffer): void {
    const { maxBytes, code } = this.#limit
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes <= maxBytes) return void this.#chunks.push(chunk)
    this.#chunks = []
    throw new CrosstrailError(code, `the answer to ${this.#of()} is larger than ${maxBytes / kibibyte} KiB`, {
      hint: 'AWS sends no such answer: check what runs at the endpoint, and whether a proxy is in between',
      facts: { maxBytes },
    })
  }

  bytes(): Buffer {
    const bytes = joinChunks(this.#chunks)
    this.#chunks = [bytes]
    return bytes
  }
}
