import { createServer, type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** Answers a request itself, or returns false to let the lab answer. */
export type ByHand = (requestLine: string, socket: Socket) => boolean

export interface Interloper {
  readonly port: number
  close(): void
}

/** A server between the command and the lab. With `tls` it speaks TLS. */
export async function interloper(labEndpoint: string, byHand: ByHand, tls?: TlsOptions): Promise<Interloper> {
  const serve = (socket: Socket): void => {
    const upstream = connect(Number(new URL(labEndpoint).port), '127.0.0.1')
    upstream.on('error', () => socket.destroy()).pipe(socket)
    socket.on('close', () => upstream.destroy())
    socket.on('data', (bytes: Buffer) => {
      // The command sends a head in one piece, and the next request only after an answer
      const line = bytes.toString('latin1', 0, Math.max(0, bytes.indexOf('\r\n')))
      if (!/^[A-Z]+ \S+ HTTP\/1\.1$/.test(line) || !byHand(line, socket)) upstream.write(bytes)
    })
  }
  return listening(tls === undefined ? createServer(serve) : createTlsServer(tls, serve))
}

export type OnConnect = (target: string, socket: Socket, head: string) => void

/** A proxy and the targets that it was asked for. */
export async function proxy(onConnect: OnConnect): Promise<Interloper & { readonly targets: string[] }> {
  const targets: string[] = []
  const serve = (socket: Socket): void => {
    socket.once('data', (bytes: Buffer) => {
      const head = bytes.toString('latin1')
      const target = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1] ?? `not CONNECT: ${head}`
      targets.push(target)
      onConnect(target, socket, head)
    })
  }
  return { ...(await listening(createServer(serve))), targets }
}

/** Connects to that port of this machine for any host. */
export function tunnelTo(port: (target: string) => number): OnConnect {
  return (target, socket) => {
    const upstream = connect(port(target), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    socket.on('error', () => upstream.destroy())
    upstream.on('error', () => socket.destroy())
  }
}

export const portOf = (target: string): number => Number(target.split(':').at(-1))

async function listening(server: Server): Promise<Interloper> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
