import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A proxy that opens tunnels (CONNECT) to ports of this machine, under names that nobody else can resolve. It writes its own port to stdout, and
 * ends with its stdin.
 *
 *   node connect-proxy.mjs s3.bench.test:443=8443 …
 */
const ports = new Map(process.argv.slice(2).map((pair) => pair.split('=') as [string, string]))
const longestHead = 16_384

function open(client: Socket, head: string): void {
  const name = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1]
  const port = name === undefined ? undefined : ports.get(name)
  if (port === undefined) {
    client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return
  }
  const server = connect({ host: '127.0.0.1', port: Number(port), noDelay: true }, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    client.pipe(server).pipe(client)
  })
  client.on('error', () => server.destroy()).on('close', () => server.destroy())
  server.on('error', () => client.destroy()).on('close', () => client.destroy())
}

const proxy = createServer({ noDelay: true }, (client) => {
  let head = ''
  const take = (bytes: Buffer) => {
    head += bytes.toString('latin1')
    if (head.length > longestHead) client.destroy()
    // A client waits for the answer before it sends more, so nothing follows the head.
    if (!head.endsWith('\r\n\r\n')) return
    client.off('data', take).pause()
    open(client, head)
  }
  client.on('data', take).on('error', () => client.destroy())
})
proxy.listen(0, '127.0.0.1', 4096, () => process.stdout.write(`${(proxy.address() as AddressInfo).port}\n`))
process.stdin.resume().once('end', () => process.exit())
