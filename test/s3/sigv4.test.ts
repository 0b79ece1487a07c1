import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyPayloadHash, Signer } from '../../src/s3/sigv4.ts'
import { canonicalQuery, encodeComponent, encodeKey } from '../../src/s3/uri.ts'

class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }
  update(data: Uint8Array): void {
    this.#hash.update(data)
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }
  reset(): void {}
}

function bytesOf(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === 'string') return secret
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret)
}

const awkwardKey = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        'a',
        ' ',
        '+',
        '%',
        '/',
        '..',
        '.',
        '~',
        '*',
        "'",
        '(',
        '!',
        '&',
        '=',
        'é',
        '日',
        '🪵',
        '%20',
        '//',
      ),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    .map((parts) => parts.join('')),
)

const keys = fc.record({
  accessKeyId: fc.stringMatching(/^ASIA[A-Z0-9]{16}$/),
  secretAccessKey: fc.stringMatching(/^[A-Za-z0-9+/]{40}$/),
  sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{20,200}$/), { nil: undefined }),
})

const region = fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1', 'us-gov-west-1')
const instantMs = fc.integer({ min: 1_577_836_800_000, max: 1_893_456_000_000 })

async function reference(
  request: { host: string; path: string; query: Record<string, string>; headers: Record<string, string> },
  signingKeys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined },
  signingRegion: string,
  nowMs: number,
): Promise<string | undefined> {
  const { accessKeyId, secretAccessKey, sessionToken } = signingKeys
  const signer = new SignatureV4({
    service: 's3',
    region: signingRegion,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: true,
  })
  const signed = await signer.sign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: request.host,
      path: request.path,
      query: request.query,
      headers: { ...request.headers, host: request.host, 'x-amz-content-sha256': emptyPayloadHash },
    },
    { signingDate: new Date(nowMs) },
  )
  return signed.headers['authorization']
}

describe('signatures', () => {
  it("equal those of AWS's own signer for any key", async () => {
    await fc.assert(
      fc.asyncProperty(awkwardKey, keys, region, instantMs, async (key, signingKeys, signingRegion, nowMs) => {
        const path = `/bucket/${encodeKey(key)}`
        const headers = { 'x-amz-expected-bucket-owner': '111111111111', 'x-amz-checksum-mode': 'ENABLED' }
        const request = {
          method: 'GET',
          host: 's3.example.com',
          path,
          query: '',
          headers,
          payloadHash: emptyPayloadHash,
        }
        const ours = new Signer(signingRegion).sign(request, signingKeys, nowMs)
        expect(ours.authorization).toBe(
          await reference({ host: request.host, path, query: {}, headers }, signingKeys, signingRegion, nowMs),
        )
      }),
      { numRuns: 3000 },
    )
  })

  it("equal those of AWS's own signer for any query", async () => {
    await fc.assert(
      fc.asyncProperty(
        awkwardKey,
        awkwardKey,
        keys,
        region,
        instantMs,
        async (prefix, token, signingKeys, signingRegion, nowMs) => {
          const parameters = {
            'list-type': '2',
            prefix,
            'continuation-token': token,
            delimiter: '/',
            'encoding-type': 'url',
          }
          const request = {
            method: 'GET',
            host: 'bucket.s3.amazonaws.com',
            path: '/',
            query: canonicalQuery(parameters),
            headers: {},
            payloadHash: emptyPayloadHash,
          }
          const ours = new Signer(signingRegion).sign(request, signingKeys, nowMs)
          expect(ours.authorization).toBe(
            await reference(
              { host: request.host, path: '/', query: parameters, headers: {} },
              signingKeys,
              signingRegion,
              nowMs,
            ),
          )
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('change with the day and with the secret, although the signing key is cached', () => {
    const signer = new Signer('us-east-1')
    const request = { method: 'GET', host: 'h', path: '/', query: '', headers: {}, payloadHash: emptyPayloadHash }
    const sign = (secretAccessKey: string, day: number): string | undefined =>
      signer.sign(request, { accessKeyId: 'A', secretAccessKey }, Date.UTC(2026, 10, day)).authorization
    expect(new Set([sign('one', 1), sign('two', 1), sign('one', 2), sign('one', 1)]).size).toBe(3)
  })

  it('are the same whatever was signed before', () => {
    const owner = { 'x-amz-expected-bucket-owner': '111111111111' }
    const headers = fc.constantFrom({}, { 'x-amz-checksum-mode': 'ENABLED' }, { range: 'bytes=0-1' })
    const secrets = fc.constantFrom(
      { accessKeyId: 'A', secretAccessKey: 's' },
      { accessKeyId: 'B', secretAccessKey: 's', sessionToken: 't' },
    )
    const request = fc.record({
      method: fc.constantFrom('GET', 'PUT'),
      host: fc.constantFrom('a.example', 'b.example'),
      path: fc.constantFrom('/', '/key'),
      query: fc.constantFrom('', 'list-type=2'),
      headers,
      payloadHash: fc.constantFrom(emptyPayloadHash, 'UNSIGNED-PAYLOAD'),
    })
    const second = fc.constantFrom(0, 999, 1000, 86_400_000)
    fc.assert(
      fc.property(fc.array(fc.tuple(request, secrets, second), { maxLength: 12 }), (calls) => {
        const kept = new Signer('us-east-1', owner)
        for (const call of calls) expect(kept.sign(...call)).toEqual(new Signer('us-east-1', owner).sign(...call))
      }),
    )
  })

  it('include the session token', () => {
    const request = { method: 'GET', host: 'h', path: '/', query: '', headers: {}, payloadHash: emptyPayloadHash }
    const { headers, authorization } = new Signer('us-east-1').sign(
      request,
      { accessKeyId: 'A', secretAccessKey: 's', sessionToken: 't' },
      0,
    )
    expect(headers['x-amz-security-token']).toBe('t')
    expect(authorization).toContain('x-amz-security-token')
  })
})

describe('encoding', () => {
  it('can be decoded and leaves no reserved character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = encodeComponent(text)
        expect(decodeURIComponent(encoded)).toBe(text)
        expect(encoded).toMatch(/^[A-Za-z0-9\-._~%]*$/)
      }),
    )
  })

  it('keeps slashes and dots of a key', () => {
    expect(encodeKey('a/../b//c d+e')).toBe('a/../b//c%20d%2Be')
  })
})
