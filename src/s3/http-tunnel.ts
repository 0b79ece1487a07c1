import { AnswerReader } from './http-answer.ts'
import type { Proxy } from './http-proxy.ts'
import { proxyFailed, proxyRefused } from './network-error.ts'

export interface TunnelEvents {
  send(head: string): void
  /** The tunnel is open: what is sent from now on reaches the origin. */
  open(): void
  /** The proxy opened no tunnel: CrosstrailError `network.proxy-refused` or `network.proxy-failed`. */
  refused(error: unknown): void
}

/** Requests a tunnel to an origin from a proxy, by CONNECT (RFC 9110, section 9.3.6). */
export class ProxyTunnel {
  readonly #proxy: Proxy
  readonly #target: string
  readonly #events: TunnelEvents
  readonly #reader: AnswerReader
  #status = 0

  constructor(proxy: Proxy, url: URL, events: TunnelEvents) {
    this.#proxy = proxy
    this.#target = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
    this.#events = events
    const receiver = { start: (status: number) => void (this.#status = status), data: () => undefined }
    // A refusal may have a body, which is not read: the connection is closed.
    this.#reader = new AnswerReader(receiver, false)
  }

  begin(): void {
    const { authorization } = this.#proxy
    const credentials = authorization === undefined ? '' : `proxy-authorization: ${authorization}\r\n`
    this.#events.send(`CONNECT ${this.#target} HTTP/1.1\r\nhost: ${this.#target}\r\n${credentials}\r\n`)
  }

  read(bytes: Buffer, length: number): void {
    const name = `the proxy ${this.#proxy.url}`
    if (this.#reader.isComplete) return
    try {
      this.#reader.read(bytes, length)
    } catch (error) {
      return this.#events.refused(proxyFailed(name, this.#target, `it did not answer in HTTP: ${String(error)}`))
    }
    if (!this.#reader.isComplete) return
    if (this.#status < 200 || this.#status > 299) {
      return this.#events.refused(proxyRefused(name, this.#target, this.#status))
    }
    // The origin never sends first, so these bytes are from the proxy.
    if (this.#reader.hasMore) {
      return this.#events.refused(proxyFailed(name, this.#target, 'it sent data after its answer'))
    }
    this.#events.open()
  }
}
