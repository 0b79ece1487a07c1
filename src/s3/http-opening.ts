import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import { hostOf, type Proxy } from './http-proxy.ts'
import { ProxyTunnel } from './http-tunnel.ts'
import { networkError, noAnswer } from './network-error.ts'

/** The target of connections, and what they share. */
export interface Origin {
  /** `https://host[:port]`. */
  readonly url: string
  readonly secureContext: SecureContext | undefined
  readonly proxy: Proxy | undefined
  /** The last TLS session, which shortens the next handshake. */
  session: Buffer | undefined
}

export interface OpeningEvents {
  /** A step is done. The next one has the same time limit. */
  step(): void
  ready(socket: Socket): void
  /** Bytes of an answer, in a buffer that is reused. */
  data(bytes: Buffer, length: number): void
  /** The server has ended its side, or the connection is closed. */
  ended(): void
  failed(error: unknown): void
}

const readBytes = 65_536

/** The opening of one connection: TCP, the tunnel of a proxy if there is one, and TLS if the origin uses it. */
export class Opening {
  readonly #origin: Origin
  readonly #url: URL
  readonly #events: OpeningEvents
  readonly #sockets: Socket[] = []
  /** True if the last socket reaches the origin, not only its proxy. */
  #isThrough: boolean

  constructor(origin: Origin, events: OpeningEvents) {
    this.#origin = origin
    this.#url = new URL(origin.url)
    this.#events = events
    this.#isThrough = origin.proxy === undefined
    if (origin.proxy === undefined) this.#openDirect()
    else this.#openThrough(origin.proxy)
  }

  /** The peer that the opening waits for, for messages. */
  get peer(): string {
    const { url, proxy } = this.#origin
    return this.#isThrough ? url : `the proxy ${proxy?.url}`
  }

  destroy(): void {
    for (const socket of this.#sockets.toReversed()) socket.destroy()
  }

  /** Keeps the process running, or lets it end. */
  hold(isHeld: boolean): void {
    for (const socket of this.#sockets) {
      if (isHeld) socket.ref()
      else socket.unref()
    }
  }

  #openDirect(): void {
    const isTls = this.#url.protocol === 'https:'
    const port = Number(this.#url.port) || (isTls ? 443 : 80)
    const onread = reading((bytes, length) => this.#events.data(bytes, length))
    const address = { host: hostOf(this.#url), port, noDelay: true, onread }
    const socket = isTls ? this.#tls(address) : connectTcp(address)
    this.#watch(socket, isTls ? 'secureConnect' : 'connect', () => this.#events.ready(socket))
  }

  #openThrough(proxy: Proxy): void {
    let take = (bytes: Buffer, length: number): void => tunnel.read(bytes, length)
    const address = { host: proxy.host, port: proxy.port, noDelay: true, onread: reading((...read) => take(...read)) }
    const { secureContext } = this.#origin
    const hop = proxy.isTls
      ? connectTls({ ...address, ...serverName(proxy.host), ...(secureContext && { secureContext }) })
      : connectTcp(address)
    const tunnel = new ProxyTunnel(proxy, this.#url, {
      send: (text) => hop.write(text, 'latin1'),
      open: () => {
        this.#isThrough = true
        this.#events.step()
        if (this.#url.protocol === 'http:') {
          take = (bytes, length) => this.#events.data(bytes, length)
          this.#events.ready(hop)
          return
        }
        // For TLS over an open socket, Node ignores `onread` and passes the data only to listeners.
        const socket = this.#tls({ socket: hop, host: hostOf(this.#url) })
        socket.on('data', (bytes: Buffer) => this.#events.data(bytes, bytes.length))
        this.#watch(socket, 'secureConnect', () => this.#events.ready(socket))
      },
      refused: (error) => this.#events.failed(error),
    })
    this.#watch(hop, proxy.isTls ? 'secureConnect' : 'connect', () => {
      this.#events.step()
      tunnel.begin()
    })
  }

  #tls(options: { host: string; port?: number; socket?: Socket; onread?: OnReadOpts }): Socket {
    const origin = this.#origin
    const { secureContext, session } = origin
    return connectTls({
      ...options,
      ALPNProtocols: ['http/1.1'],
      ...serverName(options.host),
      ...(secureContext && { secureContext }),
      ...(session && { session }),
    }).on('session', (session: Buffer) => {
      origin.session = session
    })
  }

  #watch(socket: Socket, whenOpen: 'connect' | 'secureConnect', open: () => void): void {
    this.#sockets.push(socket)
    let isOpen = false
    // Nothing is sent before the certificate of the other side is verified.
    socket.once(whenOpen, () => {
      isOpen = true
      open()
    })
    socket.on('error', (error) => this.#failed(socket, networkError(error, this.peer)))
    // `close` waits until everything is sent, which may never happen. During a handshake only TLS knows why it ended, so `end` is ignored.
    socket.on('end', () => isOpen && this.#ended(socket))
    socket.on('close', () => this.#ended(socket))
  }

  #ended(socket: Socket): void {
    if (!this.#isThrough) this.#failed(socket, noAnswer(this.peer))
    else if (socket === this.#sockets.at(-1)) this.#events.ended()
  }

  /** Ignores sockets below TLS: they end with the TLS socket above, whose error says more. */
  #failed(socket: Socket, error: unknown): void {
    if (socket === this.#sockets.at(-1)) this.#events.failed(error)
  }
}

function serverName(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {}
}

/** Reads into one buffer per connection. By default a socket allocates 64 KB for each piece that arrives. */
function reading(take: (bytes: Buffer, length: number) => void): OnReadOpts {
  return {
    buffer: Buffer.allocUnsafeSlow(readBytes),
    callback: (length, bytes) => {
      take(bytes as Buffer, length)
      return true
    },
  }
}
