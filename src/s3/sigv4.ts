import { createHmac, hash } from 'node:crypto'
import type { SigningKeys } from './key-source.ts'

export interface RequestToSign {
  readonly method: string
  /** With the port, unless it is the default of the scheme. */
  readonly host: string
  /** Percent-encoded, as it is sent. */
  readonly path: string
  /** In canonical order, as it is sent; empty if there is none. */
  readonly query: string
  /** Further headers to sign, with lower-case names. Must not be changed afterwards. */
  readonly headers: Readonly<Record<string, string>>
  /** Hex SHA-256 of the body, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string
}

/** The SHA-256 of the empty text: the payload hash of a request without a body. */
export const emptyPayloadHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** What S3 requires in a signed request. */
export interface Signature {
  /** All headers except `authorization`. The same object for similar requests within a second. */
  readonly headers: Readonly<Record<string, string>>
  readonly authorization: string
}

/** The common parts of requests that differ only in method, path and query. */
interface Alike {
  readonly given: RequestToSign
  readonly keys: SigningKeys
  readonly stamp: string
  readonly headers: Readonly<Record<string, string>>
  /** The end of the canonical request. */
  readonly canonicalHeaders: string
  /** The beginning of the string to sign. */
  readonly toSign: string
  /** The beginning of `authorization`. */
  readonly authorization: string
  readonly signingKey: Buffer
}

/**
 * Signs S3 requests with Signature Version 4. Paths are encoded once and never normalized, as S3 requires.
 * Source: "Signing AWS API requests" and "Authenticating Requests: Using the Authorization Header".
 */
export class Signer {
  readonly #region: string
  readonly #everyHeaders: Readonly<Record<string, string>>
  #signingKey: { readonly secret: string; readonly day: string; readonly bytes: Buffer } | undefined
  /** The parts of the last request. The next request is nearly always similar and then takes a third of the time. */
  #alike: Alike | undefined

  /** `everyHeaders` are signed with every request. Their names are in lower case. */
  constructor(region: string, everyHeaders: Readonly<Record<string, string>> = {}) {
    this.#region = region
    this.#everyHeaders = everyHeaders
  }

  sign(request: RequestToSign, keys: SigningKeys, nowMs: number): Signature {
    const stamp = amzDate(nowMs)
    if (this.#alike === undefined || !isAlike(this.#alike, request, keys, stamp)) {
      this.#alike = this.#prepare(request, keys, stamp)
    }
    const { headers, canonicalHeaders, toSign, authorization, signingKey } = this.#alike
    const canonicalRequest = `${request.method}\n${request.path}\n${request.query}\n${canonicalHeaders}`
    const signature = createHmac('sha256', signingKey)
      .update(toSign + hash('sha256', canonicalRequest))
      .digest('hex')
    return { headers, authorization: authorization + signature }
  }

  #prepare(request: RequestToSign, keys: SigningKeys, stamp: string): Alike {
    const day = stamp.slice(0, 8)
    const headers: Record<string, string> = {
      ...this.#everyHeaders,
      ...request.headers,
      host: request.host,
      'x-amz-content-sha256': request.payloadHash,
      'x-amz-date': stamp,
    }
    if (keys.sessionToken !== undefined) headers['x-amz-security-token'] = keys.sessionToken

    const names = Object.keys(headers).sort()
    const signedHeaders = names.join(';')
    const lines = names.map((name) => `${name}:${canonicalValue(headers[name] ?? '')}\n`).join('')
    const scope = `${day}/${this.#region}/s3/aws4_request`
    return {
      given: request,
      keys,
      stamp,
      headers,
      canonicalHeaders: `${lines}\n${signedHeaders}\n${request.payloadHash}`,
      toSign: `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n`,
      authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=`,
      signingKey: this.#keyOf(keys.secretAccessKey, day),
    }
  }

  #keyOf(secret: string, day: string): Buffer {
    if (this.#signingKey?.secret !== secret || this.#signingKey.day !== day) {
      const bytes = [day, this.#region, 's3', 'aws4_request'].reduce<Buffer>(
        (parent, part) => createHmac('sha256', parent).update(part).digest(),
        Buffer.from(`AWS4${secret}`),
      )
      this.#signingKey = { secret, day, bytes }
    }
    return this.#signingKey.bytes
  }
}

/** Compares by identity: a caller that repeats a call passes the same headers object. */
function isAlike({ given, keys, stamp }: Alike, request: RequestToSign, nextKeys: SigningKeys, now: string): boolean {
  return (
    given.headers === request.headers &&
    keys === nextKeys &&
    stamp === now &&
    given.host === request.host &&
    given.payloadHash === request.payloadHash
  )
}

function canonicalValue(value: string): string {
  return value.includes('  ') || value.startsWith(' ') || value.endsWith(' ')
    ? value.trim().replaceAll(/ +/g, ' ')
    : value
}

let lastSecond = -1
let lastStamp = ''

/** `20261101T123000Z`. */
function amzDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastStamp = `${new Date(second * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  }
  return lastStamp
}
