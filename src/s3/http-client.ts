import { readFileSync } from 'node:fs'
import { createSecureContext, rootCertificates } from 'node:tls'
import { CrosstrailError } from '../error.ts'
import { rememberWord } from '../secrets/masked-text.ts'
import type { HttpClient } from './http.ts'
import { HttpPool } from './http-pool.ts'
import { proxyRule } from './http-proxy.ts'

export interface HttpClientOptions {
  /** The source of HTTPS_PROXY, HTTP_PROXY, NO_PROXY (either case), AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly connectTimeoutMs?: number
  /** How long an answer may be silent, before its headers or between two pieces of its body. */
  readonly stallTimeoutMs?: number
}

/** Throws CrosstrailError `config.proxy` and `config.ca-bundle`. */
export function createHttpClient({
  env,
  connectTimeoutMs = 10_000,
  stallTimeoutMs = 30_000,
}: HttpClientOptions): HttpClient {
  rememberPasswords(env)
  const ca = trustedCertificates(env)
  return new HttpPool({
    connectTimeoutMs,
    stallTimeoutMs,
    proxy: proxyRule(env),
    secureContext: () => createSecureContext(ca === undefined ? {} : { ca }),
  })
}

/** Remembers the passwords in proxy and endpoint addresses, encoded and decoded, so that they are masked. Works for invalid addresses too. */
function rememberPasswords(env: HttpClientOptions['env']): void {
  for (const [name, address = ''] of Object.entries(env)) {
    if (!/proxy$|^AWS_ENDPOINT_URL/i.test(name)) continue
    const written = /:\/\/[^/?#:]*:(.+)@/.exec(address)?.[1] ?? ''
    rememberWord(written, { everywhere: true })
    rememberWord(decoded(written), { everywhere: true })
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Returns AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS in addition to the built-in certificates. */
function trustedCertificates(env: HttpClientOptions['env']): string[] | undefined {
  const bundle = env['AWS_CA_BUNDLE']
  if (!bundle) return undefined
  const files = [bundle, env['NODE_EXTRA_CA_CERTS']].filter((file) => file !== undefined && file !== '')
  return [...rootCertificates, ...files.map((file) => readCertificates(String(file)))]
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CrosstrailError('config.ca-bundle', `cannot read the certificates in ${file}`, {
      hint: 'check AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS',
      cause,
    })
  }
}
