import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CrosstrailError } from '../error.ts'

/** An HTTP server that only this machine can reach. */
export interface LoopbackServer {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  /** Closes every connection, also in the middle of an answer. */
  stop(): Promise<void>
}

/**
 * Listens on 127.0.0.1 only; port 0 means any free port.
 * @throws {CrosstrailError} `lab.port-taken`
 */
export async function listenOnLoopback(
  port: number,
  handle: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<LoopbackServer> {
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (incoming, response) => {
    handle(incoming, response).catch((error: unknown) => giveUp(incoming, response, error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') return reject(cause)
      const hint = 'choose another port, or 0 for any free one'
      reject(new CrosstrailError('lab.port-taken', `port ${port} of 127.0.0.1 is taken`, { hint, cause }))
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function giveUp(incoming: IncomingMessage, response: ServerResponse, error: unknown): void {
  const clientIsGone = !incoming.complete
  if (clientIsGone || response.headersSent) response.destroy()
  else response.writeHead(500, { 'content-type': 'text/plain' }).end('a bug in the lab')
  // Without this warning, a bug would look like a requested fault.
  if (!clientIsGone) process.emitWarning(error instanceof Error ? error : String(error))
}
