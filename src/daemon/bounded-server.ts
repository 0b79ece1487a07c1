import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'

export const mostConnections = 256

/**
 * Returns an HTTP server for short requests that incomplete requests cannot block. It ends a request that is incomplete after 5 seconds. It
 * never refuses a new connection: if more than `mostConnections` are open, it closes the oldest one without a pending answer, or else the
 * oldest of all.
 */
export function boundedServer(answer: RequestListener): Server {
  // A set keeps its order, so the oldest connection is first.
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
  // Without a listener, a connection that cannot be accepted because too many files are open would end the process.
  server.once('listening', () => server.on('error', () => undefined))
  return server
}

export function endServer(server: Server): Promise<void> {
  return new Promise((ended) => {
    server.close(() => ended())
    server.closeAllConnections()
  })
}
