import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'

/** The most connections that a bounded server keeps open. */
export const mostConnections = 256

/**
 * An HTTP server for short requests that half-sent ones cannot block. A request that is not whole after 5 seconds is ended. A new connection
 * is never refused: if more than `mostConnections` are open, the oldest one that waits for no answer is closed, or else the oldest of all.
 */
export function boundedServer(answer: RequestListener): Server {
  // A set keeps its order: the oldest comes first
  const waiting = new Set<Socket>()
  const answered = new Set<Socket>()
  const server = createServer(
    { headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 5000, connectionsCheckingInterval: 1000 },
    (request, response) => {
      const { socket } = request
      waiting.delete(socket)
      answered.add(socket)
      response.once('close', () => {
        if (answered.delete(socket) && !socket.destroyed) waiting.add(socket)
      })
      answer(request, response)
    },
  )
  server.on('connection', (socket: Socket) => {
    waiting.add(socket)
    socket.once('close', () => {
      waiting.delete(socket)
      answered.delete(socket)
    })
    if (waiting.size + answered.size <= mostConnections) return
    const [oldest = socket] = waiting.size > 1 ? waiting : answered
    waiting.delete(oldest)
    answered.delete(oldest)
    oldest.destroy()
  })
  // A connection that cannot be accepted, because too many files are open, must not end what the process is there for.
  server.once('listening', () => server.on('error', () => undefined))
  return server
}

export function endServer(server: Server): Promise<void> {
  return new Promise((ended) => {
    server.close(() => ended())
    server.closeAllConnections()
  })
}
