import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

export interface LocalAnswer {
  readonly status: number
  readonly body: string
}

export interface LocalSilence {
  readonly connected: boolean
  /** `ECONNREFUSED` and the like, or `no answer`. */
  readonly reason: string
}

export interface LocalCall {
  readonly method: 'GET' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  /** The limit for the whole call. */
  readonly timeoutMs: number
}

/** The largest answer that is read: credentials have a few KiB. */
const maxAnswerBytes = 1024 * 1024

/** Calls a service next to this machine once, never through a proxy, on a new connection. Never rejects. */
export function callLocally(url: URL, { method, headers, timeoutMs }: LocalCall): Promise<LocalAnswer | LocalSilence> {
  return new Promise((resolve) => {
    let connected = false
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest
    let call
    try {
      call = send(url, { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) })
    } catch (error) {
      // Neither http nor https, or a header that cannot be sent.
      return resolve({ connected, reason: reasonOf(error) })
    }
    call.once('socket', (socket) => socket.once('connect', () => (connected = true)))
    call.on('error', (error) => resolve({ connected, reason: reasonOf(error) }))
    call.once('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      let sizeBytes = 0
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length
        if (sizeBytes > maxAnswerBytes) response.destroy(new AnswerTooLarge())
        else chunks.push(chunk)
      })
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })
      })
      response.on('error', (error) => resolve({ connected, reason: reasonOf(error) }))
    })
    call.end()
  })
}

class AnswerTooLarge extends Error {
  readonly code = `an answer of more than ${maxAnswerBytes} bytes`
}

function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code !== 'ABORT_ERR' ? code : 'no answer'
}
