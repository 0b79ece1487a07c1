import { createHash, createHmac, timingSafeEqual, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { headerOf, type LabRequest } from './request.ts'

/** The claims of an `Authorization` header. */
export interface Authorization {
  readonly accessKeyId: string
  /** `YYYYMMDD` */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

/** Parses an `Authorization` header of Signature Version 4; returns undefined if it is not one. */
export function parseAuthorization(header: string): Authorization | undefined {
  const match = authorizationPattern.exec(header)
  if (match === null) return undefined
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] = match
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature }
}

/** True if the request was signed with that secret, over exactly the headers it names, as received. */
export async function signatureHolds(
  request: LabRequest,
  authorization: Authorization,
  signedAtMs: number,
  secretAccessKey: string,
): Promise<boolean> {
  const { accessKeyId, region, service } = authorization
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: Sha256,
    // The path is made canonical here. S3 does not escape it twice, and STS is called only at `/`.
    uriEscapePath: false,
    applyChecksum: false,
  })
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: canonicalPath(request.path),
      query: Object.fromEntries(request.query),
      headers: Object.fromEntries(authorization.signedHeaders.map((name) => [name, headerOf(request, name) ?? ''])),
      body: request.body,
    },
    { signingDate: new Date(signedAtMs), signableHeaders: new Set(authorization.signedHeaders) },
  )
  const expected = signed.headers['authorization']?.slice(-64) ?? ''
  return expected.length === authorization.signature.length && equal(expected, authorization.signature)
}

const authorizationPattern =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/

// AWS signs the decoded path encoded again, not the client's spelling of it.
function canonicalPath(path: string): string {
  return encodeURIComponent(path)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function equal(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left), Buffer.from(right))
}

/** The hash that `@smithy/signature-v4` needs, over node:crypto. */
class Sha256 {
  readonly #hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(data: Uint8Array): void {
    this.#hash.update(data)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {
    throw new Error('a hash of the lab is used once')
  }
}

function bytesOf(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === 'string') return secret
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret)
}
