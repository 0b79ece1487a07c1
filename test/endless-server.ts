import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface EndlessServer extends AsyncDisposable {
  readonly endpoint: string
  /** How many bytes of endless answers it has sent. */
  readonly sentBytes: number
  readonly requests: number
  readonly connections: number
}

const piece = Buffer.alloc(65_536, 'a')

/** Starts a server that answers with `answer`. If that returns a status, the answer has an endless body. */
export async function endlessServer(
  answer: (request: IncomingMessage, response: ServerResponse) => number | undefined,
): Promise<EndlessServer> {
  let sentBytes = 0
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    const status = answer(request, response)
    if (status === undefined) return
    response.writeHead(status, { 'content-type': 'application/xml' })
    const send = (): void => {
      if (response.destroyed) return
      sentBytes += piece.length
      response.write(piece, () => setImmediate(send))
    }
    send()
  })
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    socket.on('close', () => connections--)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sentBytes() {
      return sentBytes
    },
    get connections() {
      return connections
    },
    get requests() {
      return requests
    },
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
