import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createNetServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { maskedText } from '../../src/secrets/masked-text.ts'
import { collect } from '../../src/s3/collect.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import { networkError } from '../../src/s3/network-error.ts'
import { createHttpClient, type HttpClientOptions } from '../../src/s3/http-client.ts'

const cleanups: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const http = createHttpClient({ env: {}, ...options })
  cleanups.push(() => http.close())
  return http
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`
}

const get = (origin: string) => ({
  origin,
  method: 'GET' as const,
  path: '/a/../b%20c',
  headers: { host: new URL(origin).host },
})

describe('the HTTP client', () => {
  it('sends the path unchanged, and returns status, headers and body', async () => {
    const origin = await serve((request, response) => response.writeHead(203, { 'x-path': request.url }).end('hello'))
    const answer = await collect(client(), get(origin))
    expect([answer.status, answer.headers['x-path'], answer.body.toString()]).toEqual([203, '/a/../b%20c', 'hello'])
  })

  it('aborts if an answer never begins', async () => {
    const origin = await serve(() => undefined)
    await expect(collect(client({ stallTimeoutMs: 300 }), get(origin))).rejects.toMatchObject({
      code: 'network.stalled',
    })
  })

  it('aborts if a body stops', async () => {
    const origin = await serve((_, response) => response.writeHead(200, { 'content-length': '10' }).write('half '))
    await expect(collect(client({ stallTimeoutMs: 300 }), get(origin))).rejects.toMatchObject({
      code: 'network.stalled',
    })
  })

  it('rejects a body that ends early', async () => {
    const origin = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half ')
      setTimeout(() => response.socket?.end(), 20)
    })
    await expect(collect(client(), get(origin))).rejects.toMatchObject({ code: expect.stringMatching(/^network\./) })
  })

  it('reports a connection that is reset', async () => {
    const origin = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half ')
      setTimeout(() => response.socket?.resetAndDestroy(), 20)
    })
    await expect(collect(client(), get(origin))).rejects.toMatchObject({ code: 'network.broken' })
  })

  it('reports a host that does not exist', async () => {
    await expect(collect(client(), get('http://no-such-host.invalid'))).rejects.toMatchObject({
      code: 'network.unknown-host',
    })
  })

  it('reports a port without a server', async () => {
    await expect(collect(client(), get('http://127.0.0.1:1'))).rejects.toMatchObject({ code: 'network.broken' })
    // If all addresses of a host fail, Node's own message is empty.
    const all = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
    expect(networkError(all, 'http://h').message).toContain('ECONNREFUSED')
  })

  it('ends the exchange with what its receiver throws', async () => {
    const origin = await serve((_, response) => response.end('hello'))
    const failing = {
      start: () => undefined,
      data: () => {
        throw new TypeError('a bug of the receiver')
      },
    }
    await expect(client().exchange(get(origin), failing)).rejects.toThrow('a bug of the receiver')
  })

  it('releases the socket when the run is interrupted', async () => {
    const origin = await serve(() => undefined)
    const stop = new AbortController()
    const call = collect(client(), get(origin), stop.signal)
    setTimeout(() => stop.abort(), 20)
    await expect(call).rejects.toMatchObject({ code: 'interrupted' })
  })

  /** A proxy, and the hosts that it was asked for. */
  async function openProxy(): Promise<{ readonly proxyUrl: string; readonly tunnelled: readonly string[] }> {
    const tunnelled: string[] = []
    const proxy = createServer()
    proxy.on('connect', (request, socket: Socket) => {
      const [host = '', port = ''] = String(request.url).split(':')
      tunnelled.push(host)
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      socket.on('error', () => upstream.destroy())
      upstream.on('error', () => socket.destroy())
    })
    return { proxyUrl: `http://127.0.0.1:${await listen(proxy)}`, tunnelled }
  }

  it('uses the proxy of HTTPS_PROXY and HTTP_PROXY, except for NO_PROXY', async () => {
    const { proxyUrl, tunnelled } = await openProxy()
    const origin = await serve((_, response) => response.end('there'))
    const through = await collect(client({ env: { HTTP_PROXY: proxyUrl } }), get(origin))
    expect([through.body.toString(), tunnelled]).toEqual(['there', ['127.0.0.1']])
    await collect(client({ env: { HTTP_PROXY: proxyUrl, NO_PROXY: '127.0.0.1' } }), get(origin))
    expect(tunnelled.length).toBe(1)
  })

  it('does not reuse a connection through the proxy after a whole answer was rejected', async () => {
    const { proxyUrl } = await openProxy()
    const carried = new WeakMap<Socket, number>()
    const origin = await serve(({ socket }, response) => {
      carried.set(socket, (carried.get(socket) ?? 0) + 1)
      response.end(String(carried.get(socket)))
    })
    const http = client({ env: { HTTP_PROXY: proxyUrl } })
    const number = async () => Number((await collect(http, get(origin))).body.toString())
    const check = () => {
      throw new Error('it is not mine')
    }
    while ((await number()) < 3);
    await expect(collect(http, get(origin), undefined, { check })).rejects.toThrow('it is not mine')
    expect(await number()).toBe(1)
  })

  it.each([
    ['HTTPS_PROXY', 'http://user:first%2Dpassword@proxy:3128', 'first-password'],
    ['https_proxy', 'http://user:second%2Fpass@proxy:3128', 'second%2Fpass'],
    ['AWS_ENDPOINT_URL_S3', 'https://user:third-password@store.example', 'third-password'],
    ['AWS_ENDPOINT_URL', 'https://user:fourth@pass:word@no address', 'fourth@pass:word'],
  ])('masks the password in %s from now on', (name, address, password) => {
    expect(maskedText(`got ${password}`)).toBe(`got ${password}`)
    createHttpClient({ env: { [name]: address } })
    expect(maskedText(`got ${password}`)).toMatch(/^got \*{4}/)
  })

  it('reports an invalid proxy address without its password', () => {
    for (const proxy of ['proxy:3128', 'http://user:p@ss@word@host:1:2']) {
      const make = () => createHttpClient({ env: { HTTPS_PROXY: proxy } })
      expect(make).toThrow(
        expect.objectContaining({ code: 'config.proxy', message: expect.not.stringContaining('word') }),
      )
    }
  })

  it('trusts the certificates of AWS_CA_BUNDLE, and no others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crosstrail-ca-'))
    cleanups.push(() => rmSync(folder, { recursive: true }))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'ignore',
      },
    )
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
      response.end('private'),
    )
    const origin = `https://127.0.0.1:${await listen(server)}`
    await expect(collect(client(), get(origin))).rejects.toMatchObject({
      code: 'network.untrusted',
    })
    const answer = await collect(client({ env: { AWS_CA_BUNDLE: cert } }), get(origin))
    expect(answer.body.toString()).toBe('private')
  })

  it('names a certificate file that cannot be read', () => {
    expect(() => createHttpClient({ env: { AWS_CA_BUNDLE: '/no/such/file.pem' } })).toThrow('/no/such/file.pem')
  })

  it('reports a server that does not speak HTTP', async () => {
    const port = await listen(createNetServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')))
    await expect(collect(client(), get(`http://127.0.0.1:${port}`))).rejects.toMatchObject({ code: 'network.broken' })
  })
})
