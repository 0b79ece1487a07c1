import { CrosstrailError } from '../../../error.ts'
import type { AnswerLimit } from '../../../s3/bounded-body.ts'
import { collect } from '../../../s3/collect.ts'
import { header, type HttpAnswer, type HttpClient } from '../../../s3/http.ts'
import { isPassing, type RetryPolicy, retrying } from '../../../s3/retry.ts'
import { maskedForeignText } from '../../../secrets/masked-text.ts'
import { printable } from '../printable.ts'
import { readTimestamp, WrongTimestamp } from './timestamp-answer.ts'
import { timestampRequest } from './timestamp-request.ts'
import type { TimestampUrl } from './timestamp-url.ts'

export interface Timestamp {
  /** TimeStampResp of RFC 3161, as `openssl ts` reads it. */
  readonly bytes: Buffer
  readonly atMs: number
}

export interface AskOptions {
  readonly url: TimestampUrl
  readonly http: HttpClient
  readonly signal?: AbortSignal | undefined
  readonly retry?: RetryPolicy | undefined
}

/** An answer with certificates has a few KiB. */
const answerLimit: AnswerLimit = { maxBytes: 1024 * 1024, code: 'network.answer-too-large' }
const usualRetry: RetryPolicy = { maxAttempts: 4, baseDelayMs: 500, maxDelayMs: 5_000 }

/** Asks an authority for the timestamp of a SHA-256, several times if the network fails. Rejects with `network.timestamp-failed` and `interrupted`. */
export async function askTimestamp(sha256: Buffer, { url, http, signal, retry }: AskOptions): Promise<Timestamp> {
  try {
    return await retrying(() => askOnce(http, sha256, url, signal), retry ?? usualRetry, signal, mayPass)
  } catch (error) {
    if (!(error instanceof CrosstrailError) || error.code === 'interrupted') throw error
    throw new CrosstrailError('network.timestamp-failed', `no timestamp from ${url.shown}: ${error.message}`, {
      hint: 'check the address, the network and HTTPS_PROXY; docs/EVIDENCE.md shows how to add a timestamp later',
      facts: { url: url.shown, code: error.code },
      cause: error,
    })
  }
}

async function askOnce(
  http: HttpClient,
  sha256: Buffer,
  { origin, path }: TimestampUrl,
  signal: AbortSignal | undefined,
): Promise<Timestamp> {
  const request = timestampRequest(sha256)
  const headers = { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' }
  const call = { origin, path, method: 'POST', headers, body: request.bytes } as const
  const answer = await collect(http, call, signal, { limit: answerLimit })
  demandTimestamp(answer)
  try {
    return { bytes: answer.body, atMs: readTimestamp(answer.body, request) }
  } catch (error) {
    if (error instanceof WrongTimestamp) throw failed(`the authority ${error.message}`)
    throw error
  }
}

function demandTimestamp({ status, headers }: HttpAnswer): void {
  const type = header(headers, 'content-type') ?? 'no type'
  if (status === 200 && /^application\/timestamp-reply\b/i.test(type)) return
  const isRedirect = status >= 300 && status < 400
  const says = isRedirect ? 'a redirect, which is not followed' : printable(maskedForeignText(type))
  throw failed(`the answer is ${status} with ${says}`, status)
}

function failed(message: string, status?: number): CrosstrailError {
  return new CrosstrailError('network.timestamp-failed', message, { facts: { status } })
}

function mayPass(error: unknown): boolean {
  if (isPassing(error)) return true
  const status = error instanceof CrosstrailError ? Number(error.facts['status']) : Number.NaN
  return status >= 500 || status === 429
}
