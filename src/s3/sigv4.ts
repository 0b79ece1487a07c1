import { createHmac, hash } from 'node:crypto'
import type { SigningKeys } from './credentials.ts'

export interface RequestToSign {
  readonly method: string
  /** With the port, where it is not the scheme's own. */
  readonly host: string
  /** Encoded, as it is sent. */
  readonly path: string
  /** In canonical order, as it is sent; empty for none. */
  readonly query: string
  /** Further headers to sign, lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Hex SHA-256 of the body, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string
}

/** The SHA-256 of nothing: the payload hash of a request without a body. */
export const emptyPayloadHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * Signs S3 requests with Signature Version 4. Paths are encoded once and never normalized, as S3 wants it.
 * Source: "Signing AWS API requests" and "Authenticating Requests: Using the Authorization Header".
 */
export class Signer {
  readonly #region: string
  #signingKey: { readonly secret: string; readonly day: string; readonly hmac: ShortHmac } | undefined

  constructor(region: string) {
    this.#region = region
  }

  /** All headers to send, `host` and `authorization` among them. */
  sign(request: RequestToSign, keys: SigningKeys, nowMs: number): Record<string, string> {
    const stamp = amzDate(nowMs)
    const day = stamp.slice(0, 8)
    const headers: Record<string, string> = {
      ...request.headers,
      host: request.host,
      'x-amz-content-sha256': request.payloadHash,
      'x-amz-date': stamp,
    }
    if (keys.sessionToken !== undefined) headers['x-amz-security-token'] = keys.sessionToken

    const names = Object.keys(headers).sort()
    const signedHeaders = names.join(';')
    let canonicalHeaders = ''
    for (const name of names) canonicalHeaders += `${name}:${canonicalValue(headers[name] ?? '')}\n`
    const canonicalRequest = `${request.method}\n${request.path}\n${request.query}\n${canonicalHeaders}\n${signedHeaders}\n${request.payloadHash}`
    const scope = `${day}/${this.#region}/s3/aws4_request`
    const stringToSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${hash('sha256', canonicalRequest)}`
    const signature = this.#hmacFor(keys.secretAccessKey, day).hex(stringToSign)
    headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`
    return headers
  }

  #hmacFor(secret: string, day: string): ShortHmac {
    if (this.#signingKey?.secret !== secret || this.#signingKey.day !== day) {
      const key = [day, this.#region, 's3', 'aws4_request'].reduce<Buffer>(
        (parent, part) => createHmac('sha256', parent).update(part).digest(),
        Buffer.from(`AWS4${secret}`),
      )
      this.#signingKey = { secret, day, hmac: new ShortHmac(key) }
    }
    return this.#signingKey.hmac
  }
}

const blockBytes = 64
const digestBytes = 32

/**
 * HMAC-SHA-256 (RFC 2104) of ASCII texts under one key of 32 bytes, by two plain hashes. One object of node:crypto a request costs
 * twice as much, and the garbage collector as much again.
 */
class ShortHmac {
  #inner = Buffer.alloc(blockBytes + 512)
  readonly #outer = Buffer.alloc(blockBytes + digestBytes)

  constructor(key: Buffer) {
    this.#inner.fill(0x36, 0, blockBytes)
    this.#outer.fill(0x5c, 0, blockBytes)
    for (const [index, byte] of key.entries()) {
      this.#inner.writeUInt8(byte ^ 0x36, index)
      this.#outer.writeUInt8(byte ^ 0x5c, index)
    }
  }

  hex(text: string): string {
    if (blockBytes + text.length > this.#inner.length) {
      this.#inner = Buffer.concat([this.#inner.subarray(0, blockBytes)], blockBytes + text.length)
    }
    const length = blockBytes + this.#inner.write(text, blockBytes, 'latin1')
    this.#outer.write(hash('sha256', this.#inner.subarray(0, length)), blockBytes, 'hex')
    return hash('sha256', this.#outer)
  }
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
