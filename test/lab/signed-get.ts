import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { request } from 'node:http'
import { SignatureV4 } from '@smithy/signature-v4'
import type { LabKeys } from '../../src/lab/iam.ts'
import type { Lab } from '../../src/lab/lab.ts'

/** An answer on the wire, and how it ended: complete, cut off, or silent until the patience ran out. */
export interface WireAnswer {
  readonly status: number
  readonly announcedBytes: number
  readonly body: string
  readonly end: 'whole' | 'cut' | 'silent'
}

/** A signed GET without a client's retries and checks, so that faults are visible. */
export async function signedGet(
  lab: Lab,
  keys: LabKeys,
  path: string,
  query: Record<string, string> = {},
  more: { headers?: Record<string, string>; patienceMs?: number } = {},
): Promise<WireAnswer> {
  const { hostname, port, host } = new URL(lab.endpoint)
  const { accessKeyId, secretAccessKey } = keys
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region: 'us-east-1',
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
  })
  const unsigned = { method: 'GET', protocol: 'http:', hostname, path, query, headers: { host, ...more.headers } }
  const { headers } = await signer.sign(unsigned)
  const search = new URLSearchParams(query).toString()
  return new Promise((resolve) => {
    let status = 0
    let announcedBytes = 0
    let body = ''
    const finish = (end: WireAnswer['end']) => {
      call.destroy()
      resolve({ status, announcedBytes, body, end })
    }
    const call = request({ hostname, port, path: `${path}?${search}`, headers }, (response) => {
      status = response.statusCode ?? 0
      announcedBytes = Number(response.headers['content-length'])
      response.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')))
      response.on('end', () => finish('whole'))
      response.on('error', () => finish('cut'))
    })
    call.setTimeout(more.patienceMs ?? 300, () => finish('silent'))
    call.on('error', () => finish('cut'))
    call.end()
  })
}

class Sha256 {
  readonly #hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string)
  }

  update(data: Uint8Array): void {
    this.#hash.update(data)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {}
}
