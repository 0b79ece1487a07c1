import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy on loopback that simulates a network which stops passing bytes, or resets all connections. */
export class StallingProxy {
  readonly #server: Server
  readonly #targetPort: number
  readonly #pairs = new Set<Pair>()
  #isStalled = false
  #isRefusing = false

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((client) => this.#accept(client))
  }

  static async start(targetPort: number): Promise<StallingProxy> {
    const proxy = new StallingProxy(targetPort)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#pairs.size
  }

  /** A partition: both sides stay alive and connected, and no byte passes. If one side closes, the other one is not told. */
  stall(): void {
    this.#isStalled = true
    for (const pair of this.#pairs) pair.stall()
  }

  /** Ends a partition. The held bytes pass, and sides that closed meanwhile are missed. */
  resume(): void {
    this.#isStalled = false
    for (const pair of this.#pairs) pair.resume()
  }

  /** Resets all connections. */
  reset(): void {
    for (const pair of this.#pairs) pair.reset()
  }

  /** Resets all connections and each new one, as a port without a server does, until `accept`. */
  refuse(): void {
    this.#isRefusing = true
    this.reset()
  }

  accept(): void {
    this.#isRefusing = false
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.reset()
    await closed
  }

  #accept(client: Socket): void {
    if (this.#isRefusing) {
      client.on('error', ignoredBecauseItCloses).resetAndDestroy()
      return
    }
    const server = connect(this.#targetPort, '127.0.0.1')
    const pair = new Pair(client, server)
    this.#pairs.add(pair)
    const forget = () => {
      if (client.destroyed && server.destroyed) this.#pairs.delete(pair)
    }
    client.once('close', forget)
    server.once('close', forget)
    if (this.#isStalled) pair.stall()
  }
}

/** A client's connection, and the one to the server. */
class Pair {
  readonly #sides: readonly [Socket, Socket]
  #isStalled = false

  constructor(client: Socket, server: Socket) {
    this.#sides = [client, server]
    for (const [from, to] of this.#directions()) {
      from.on('error', ignoredBecauseItCloses)
      from.once('close', () => {
        if (!this.#isStalled) to.destroy()
      })
    }
    this.resume()
  }

  stall(): void {
    this.#isStalled = true
    for (const [from, to] of this.#directions()) from.unpipe(to)
  }

  resume(): void {
    this.#isStalled = false
    for (const [from, to] of this.#directions()) {
      if (from.destroyed) to.destroy()
      else from.pipe(to)
    }
  }

  reset(): void {
    for (const side of this.#sides) side.resetAndDestroy()
  }

  #directions(): [Socket, Socket][] {
    const [client, server] = this.#sides
    return [
      [client, server],
      [server, client],
    ]
  }
}

/** A socket with an error also emits `close`, and that is handled. */
function ignoredBecauseItCloses(): void {}
