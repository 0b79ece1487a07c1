import { BlockList, isIP } from 'node:net'
import { CrosstrailError } from '../error.ts'

export interface Proxy {
  /** `http://host:port`, without user name and password. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** Whether the connection to the proxy itself uses TLS. */
  readonly isTls: boolean
  readonly authorization: string | undefined
}

/** Returns the proxy for an origin (`https://host[:port]`), or undefined if connections to it are direct. */
export type ProxyRule = (origin: string) => Proxy | undefined

type Environment = Readonly<Record<string, string | undefined>>

/** Returns the rule of HTTPS_PROXY and HTTP_PROXY, each in either case and for its scheme, as the AWS CLI and curl have it. Throws `config.proxy`. */
export function proxyRule(env: Environment): ProxyRule {
  const https = proxyAt(env['https_proxy'] || env['HTTPS_PROXY'])
  const http = proxyAt(env['http_proxy'] || env['HTTP_PROXY'])
  const isDirect = directHosts(env['no_proxy'] || env['NO_PROXY'] || '')
  return (origin) => {
    const proxy = origin.startsWith('https:') ? https : http
    return proxy === undefined || isDirect(new URL(origin)) ? undefined : proxy
  }
}

function proxyAt(address: string | undefined): Proxy | undefined {
  if (!address) return undefined
  const url = URL.canParse(address) ? new URL(address) : undefined
  const credentials = url && credentialsOf(url)
  if (url === undefined || credentials === undefined || !['http:', 'https:'].includes(url.protocol) || !url.hostname) {
    // Without cause and value, because the address may contain a password.
    throw new CrosstrailError('config.proxy', 'HTTPS_PROXY or HTTP_PROXY is not the address of a proxy', {
      hint: 'set it to http://host:port, and percent-encode @, : and / in a user name or password',
    })
  }
  const isTls = url.protocol === 'https:'
  return {
    url: `${url.protocol}//${url.host}`,
    host: hostOf(url),
    port: Number(url.port) || (isTls ? 443 : 80),
    isTls,
    authorization: credentials === ':' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
  }
}

/** Returns `user:password`; undefined if they are not valid percent-encoding. */
function credentialsOf({ username, password }: URL): string | undefined {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  } catch {
    return undefined
  }
}

/** Returns the host without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/**
 * Reads NO_PROXY as curl and Go do. An entry is a name, which also covers all names below it (like `.example.com` and `*.example.com`), an
 * address, a block of addresses such as 10.0.0.0/8, or `*` for every host. Each may have a port.
 */
function directHosts(list: string): (url: URL) => boolean {
  const rules = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(directRule)
  return (url) => rules.some((rule) => rule(hostOf(url), url.port || (url.protocol === 'https:' ? '443' : '80')))
}

function directRule(entry: string): (host: string, port: string) => boolean {
  if (entry === '*') return () => true
  const block = blockOf(entry)
  if (block !== undefined) return (host) => isIP(host) !== 0 && block.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
  const [, name = '', onlyPort] =
    /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry.toLowerCase()) ?? []
  const wanted = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '')
  return (host, port) =>
    (onlyPort === undefined || onlyPort === port) &&
    (host === wanted || (isIP(host) === 0 && wanted !== '' && host.endsWith(`.${wanted}`)))
}

function blockOf(entry: string): BlockList | undefined {
  const [, address = '', bits = ''] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? []
  const family = isIP(address)
  if (family === 0 || Number(bits) > (family === 6 ? 128 : 32)) return undefined
  const block = new BlockList()
  block.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4')
  return block
}
