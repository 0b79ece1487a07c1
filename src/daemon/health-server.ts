import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { CrosstrailError } from '../error.ts'
import { boundedServer, endServer } from './bounded-server.ts'
import { prometheusContentType } from './metrics/prometheus-text.ts'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** The pages of the server. Each function is called for each request. */
export interface HealthPages {
  readonly metrics: () => string
  /** Returns what is wrong; undefined if nothing is. */
  readonly health: () => string | undefined
  readonly live: () => string | undefined
}

export interface HealthServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves `/metrics`, `/healthz` and `/livez` over plain HTTP: 200, or 503 with a line that says why.
 * Incomplete requests do not delay an answer. Throws `network.cannot-listen`.
 */
export async function startHealthServer(address: ListenAddress, pages: HealthPages): Promise<HealthServer> {
  const server = boundedServer((request, response) => answer(request, response, pages))
  await listen(server, address)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${isIPv6(address.host) ? `[${address.host}]` : address.host}:${port}`,
    close: () => endServer(server),
  }
}

export function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((listening, refused) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is already in use' : `cannot be used: ${cause.code ?? cause.message}`
      refused(
        new CrosstrailError('network.cannot-listen', `port ${port} on ${host} ${why}`, {
          hint: 'give --listen another port, or stop the program that uses this one',
          facts: { host, port },
          cause,
        }),
      )
    })
    server.listen(port, host, listening)
  })
}

function answer({ method, url = '' }: IncomingMessage, response: ServerResponse, pages: HealthPages): void {
  const send = (status: number, text: string, contentType = 'text/plain; charset=utf-8') => {
    const headers = { 'content-type': contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
    response.writeHead(status, headers).end(method === 'HEAD' ? undefined : text)
  }
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(405, 'only GET and HEAD are allowed\n')
  }
  const sendState = (problem: string | undefined) =>
    problem === undefined ? send(200, 'ok\n') : send(503, `${problem}\n`)
  switch (url.replace(/\?.*$/s, '')) {
    case '/metrics':
      return send(200, pages.metrics(), prometheusContentType)
    case '/healthz':
      return sendState(pages.health())
    case '/livez':
      return sendState(pages.live())
    default:
      return send(404, 'not found; the pages are /metrics, /healthz and /livez\n')
  }
}
