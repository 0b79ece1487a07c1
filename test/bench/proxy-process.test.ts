import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Proxy, startProxy } from '../../scripts/bench/proxy-process.ts'

let below: string
let proxy: Proxy
const megabyte = 'x'.repeat(1_000_000)
const server = createServer((socket) => {
  socket.on('error', () => undefined).once('data', (bytes) => socket.end(`${bytes.toString()} ${megabyte}`))
})

beforeAll(async () => {
  below = mkdtempSync(join(tmpdir(), 'crosstrail-bench-proxy-'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  proxy = await startProxy(below, { 's3.bench.test:443': (server.address() as AddressInfo).port })
})

afterAll(async () => {
  await proxy.stop()
  server.close()
  rmSync(below, { recursive: true, force: true })
})

async function ask(request: string): Promise<{ socket: Socket; answer: string }> {
  const { hostname, port } = new URL(proxy.endpoint)
  const socket = connect(Number(port), hostname).setEncoding('latin1')
  socket.write(request)
  const [answer] = (await once(socket, 'data')) as [string]
  return { socket, answer }
}

test('a tunnel to a known name transfers all bytes in both directions', async () => {
  const { socket, answer } = await ask('CONNECT s3.bench.test:443 HTTP/1.1\r\nHost: s3.bench.test:443\r\n\r\n')
  expect(answer).toBe('HTTP/1.1 200 Connection established\r\n\r\n')
  socket.write('hello')
  expect(await text(socket)).toBe(`hello ${megabyte}`)
})

test.each([['CONNECT s3.amazonaws.com:443 HTTP/1.1'], ['GET http://s3.bench.test/ HTTP/1.1']])(
  '%s is refused',
  async (line) => {
    expect((await ask(`${line}\r\n\r\n`)).answer).toMatch(/^HTTP\/1\.1 502 /)
  },
)

test('the CPU time of the proxy is reported', () => {
  expect(proxy.cpuSeconds()).toBeGreaterThan(0)
})
