import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { isLoopbackHost } from '../config/loopback-host.ts'
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
  /** Returns the page of the report; undefined if there is none yet. Only on a loopback address: it names users. */
  readonly report?: (() => Buffer | undefined) | undefined
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
  return isLoopbackHost(host)
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

/** The name in a Host header, without its port. */
function hostOf(header = ''): string {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? []
  return bracketed ?? plain
}

const notFound = 'not found; the pages are /metrics, /healthz and /livez\n'

function answer(
  { method, url = '', headers: asked }: IncomingMessage,
  response: ServerResponse,
  pages: HealthPages,
): void {
  const send = (status: number, text: string | Buffer, contentType = 'text/plain; charset=utf-8') => {
    const headers = { 'content-type': contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
    response.writeHead(status, headers).end(method === 'HEAD' ? undefined : text)
  }
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(405, 'only GET and HEAD are allowed\n')
  }
  const sendState = (problem: string | undefined) =>
    problem === undefined ? send(200, 'ok\n') : send(503, `${problem}\n`)
  const sendReport = () => {
    // A web page could reach this server through a name of its own that points here.
    if (!isLoopbackHost(hostOf(asked.host))) return send(404, notFound)
    const page = pages.report?.()
    if (page !== undefined) return send(200, page, 'text/html; charset=utf-8')
    return send(404, pages.report === undefined ? notFound : 'there is no report yet\n')
  }
  switch (url.replace(/\?.*$/s, '')) {
    case '/metrics':
      return send(200, pages.metrics(), prometheusContentType)
    case '/healthz':
      return sendState(pages.health())
    case '/livez':
      return sendState(pages.live())
    case '/report':
      return sendReport()
    default:
      return send(404, notFound)
  }
}
