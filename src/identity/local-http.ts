import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { text } from 'node:stream/consumers'

export interface LocalAnswer {
  readonly status: number
  readonly body: string
}

/** No answer. */
export interface LocalSilence {
  /** Whether a connection stood. */
  readonly connected: boolean
  /** `ECONNREFUSED` and the like, or `no answer`. */
  readonly reason: string
}

export interface LocalCall {
  readonly method: 'GET' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  /** For the whole call. */
  readonly timeoutMs: number
}

/** One call to a service beside this machine, which no proxy may see, on a connection of its own. Never rejects. */
export function callLocally(url: URL, { method, headers, timeoutMs }: LocalCall): Promise<LocalAnswer | LocalSilence> {
  return new Promise((resolve) => {
    let connected = false
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest
    let call
    try {
      call = send(url, { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) })
    } catch (error) {
      // Neither http nor https, or a header that cannot be sent
      return resolve({ connected, reason: reasonOf(error) })
    }
    call.once('socket', (socket) => socket.once('connect', () => (connected = true)))
    call.on('error', (error) => resolve({ connected, reason: reasonOf(error) }))
    call.once('response', (response: IncomingMessage) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body }),
        (error: unknown) => resolve({ connected, reason: reasonOf(error) }),
      )
    })
    call.end()
  })
}

function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && code !== 'ABORT_ERR' ? code : 'no answer'
}
