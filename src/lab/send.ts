import type { ServerResponse } from 'node:http'
import type { Fault } from './faults.ts'
import type { Reply } from './reply.ts'

/** Sends an answer, or as much of it as the fault allows. */
export function send(response: ServerResponse, reply: Reply, fault?: Fault): void {
  const { body } = reply
  if (fault === 'resetBeforeHeaders') {
    response.socket?.resetAndDestroy()
    return
  }
  response.writeHead(reply.status, { ...reply.headers, 'content-length': reply.announcedBytes ?? body.length })
  if (body.length < 2) {
    response.end(body)
    return
  }
  const half = body.subarray(0, Math.floor(body.length / 2))
  if (fault === 'resetMidBody') response.write(half, () => response.socket?.resetAndDestroy())
  else if (fault === 'shortBody') response.write(half, () => response.socket?.end())
  // The socket stays open until the client gives up or the lab stops.
  else if (fault === 'stall') response.write(half)
  else response.end(body)
}
