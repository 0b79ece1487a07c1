import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'

export interface UserKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Calls an action of the IAM API, which RGW has on its S3 endpoint. Throws with the answer's text unless the status is 200. */
export async function iamCall(
  endpoint: string,
  keys: UserKeys,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const url = new URL(endpoint)
  const signer = new SignatureV4({ service: 'iam', region: 'us-east-1', credentials: keys, sha256: Sha256 })
  const signed = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: '/',
    query: {},
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }).toString(),
  })
  const response = await fetch(url, { method: 'POST', headers: signed.headers, body: String(signed.body) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${action} answered ${response.status}: ${text}`)
  return text
}

class Sha256 {
  private readonly hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret))
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytes(data))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest())
  }

  reset(): void {}
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
