import { readFileSync } from 'node:fs'
import { createSecureContext, rootCertificates } from 'node:tls'
import { CrosstrailError } from '../error.ts'
import { rememberWord } from '../secrets/masked-text.ts'
import type { HttpClient } from './http.ts'
import { HttpPool } from './http-pool.ts'

export interface HttpClientOptions {
  /** Reads HTTPS_PROXY, HTTP_PROXY, NO_PROXY (either case), AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly connectTimeoutMs?: number
  /** How long an answer may stand still, before its headers or between two pieces of its body. */
  readonly stallTimeoutMs?: number
}

/**
 * A scheme without a proxy of its own goes direct, as the AWS CLI and curl have it. Throws CrosstrailError `config.proxy` and
 * `config.ca-bundle`.
 */
export function createHttpClient({
  env,
  connectTimeoutMs = 10_000,
  stallTimeoutMs = 30_000,
}: HttpClientOptions): HttpClient {
  rememberPasswords(env)
  const certificates = trustedCertificates(env)
  const timeouts = { connectTimeoutMs, stallTimeoutMs }
  const direct = new HttpPool({
    ...timeouts,
    secureContext: () => createSecureContext(certificates === undefined ? {} : { ca: certificates }),
  })
  const through = (address: string | undefined): HttpClient | undefined => {
    if (!address) return undefined
    demandProxyAddress(address)
    const noProxy = env['no_proxy'] || env['NO_PROXY'] || ''
    return loadedClient(async () => {
      const { createProxyClient } = await import('./http-proxy.ts')
      return createProxyClient({ ...timeouts, proxy: address, noProxy, certificates })
    })
  }
  const http = through(env['http_proxy'] || env['HTTP_PROXY']) ?? direct
  const https = through(env['https_proxy'] || env['HTTPS_PROXY']) ?? direct
  return {
    exchange: (request, receiver, signal) =>
      (request.origin.startsWith('https:') ? https : http).exchange(request, receiver, signal),
    close: async () => {
      await Promise.all([direct.close(), http.close(), https.close()])
    },
  }
}

/** Few need a proxy, and it takes long to load what speaks with one. */
function loadedClient(load: () => Promise<HttpClient>): HttpClient {
  let loading: Promise<HttpClient> | undefined
  return {
    exchange: async (...call) => {
      loading ??= load()
      return (await loading).exchange(...call)
    },
    close: async () => (await loading)?.close(),
  }
}

/** The passwords in addresses of proxies and endpoints, as they are written and as they are meant, also where the address is none. */
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

/** Throws `config.proxy`. */
function demandProxyAddress(address: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const credentials = url && credentialsOf(url)
  if (url !== undefined && credentials !== undefined && ['http:', 'https:'].includes(url.protocol) && url.hostname)
    return
  // No cause and no value: the address may hold a password.
  throw new CrosstrailError('config.proxy', 'HTTPS_PROXY or HTTP_PROXY is no address of a proxy', {
    hint: 'write it as http://host:port, and encode @, : and / within a user name or password',
  })
}

/** `user:password`, the password masked from now on; undefined if they are not encoded as a URL has them. */
function credentialsOf({ username, password }: URL): string | undefined {
  try {
    const plain = decodeURIComponent(password)
    for (const form of [password, plain]) rememberWord(form, { everywhere: true })
    return `${decodeURIComponent(username)}:${plain}`
  } catch {
    return undefined
  }
}

/** AWS_CA_BUNDLE adds to the built-in certificates, as NODE_EXTRA_CA_CERTS does. */
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
