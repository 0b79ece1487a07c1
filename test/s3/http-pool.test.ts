import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSecureContext, createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { HttpPool, type HttpPoolOptions } from '../../src/s3/http-pool.ts'
import { collect } from '../../src/s3/collect.ts'
import type { HttpReceiver, HttpRequest } from '../../src/s3/http.ts'

const cleanups: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const tls = { key: '', cert: '' }
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-pool-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  Object.assign(tls, { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') })
  rmSync(folder, { recursive: true })
})

function openPool(options: Partial<HttpPoolOptions> = {}): HttpPool {
  const pool = new HttpPool({
    secureContext: () => createSecureContext({ ca: tls.cert }),
    connectTimeoutMs: 5000,
    stallTimeoutMs: 5000,
    ...options,
  })
  cleanups.push(() => pool.close())
  return pool
}

/** The port of a server, and all connections that it ever had. */
interface Served {
  readonly origin: string
  readonly sockets: readonly Socket[]
}

async function listen(server: Server, scheme = 'http://127.0.0.1'): Promise<Served> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { origin: `${scheme}:${(server.address() as AddressInfo).port}`, sockets }
}

const serve = (listener: RequestListener): Promise<Served> => listen(createServer({ keepAliveTimeout: 0 }, listener))

/** Answers each request without a body with the result of `answer`, or not at all. */
function serveRaw(answer: (path: string, socket: Socket) => string | undefined): Promise<Served> {
  return listen(
    createNetServer((socket) => {
      socket.setEncoding('latin1').on('data', (text: string) => {
        for (const [, path = ''] of text.matchAll(/^[A-Z]+ (\S+) HTTP/gm)) {
          const wire = answer(path, socket)
          if (wire !== undefined && !socket.destroyed) socket.write(wire, 'latin1')
        }
      })
    }),
  )
}

const answerOf = (body: string, head = ''): string =>
  `HTTP/1.1 200 OK\r\n${head}content-length: ${body.length}\r\n\r\n${body}`

const get = ({ origin }: Served, path = '/'): HttpRequest => ({ origin, method: 'GET', path, headers: {} })
const put = ({ origin }: Served, body: string | Uint8Array): HttpRequest => ({
  origin,
  method: 'PUT',
  path: '/',
  headers: {},
  body,
})

const textOf = async (pool: HttpPool, request: HttpRequest, signal?: AbortSignal): Promise<string> =>
  (await collect(pool, request, signal)).body.toString('latin1')

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5)
}

const blockFor = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
}

describe('a connection', () => {
  it('is used again and again', async () => {
    const served = await serve((request, response) => response.end(request.url))
    const pool = openPool()
    for (let at = 0; at < 50; at++) expect(await textOf(pool, get(served, `/${at}`))).toBe(`/${at}`)
    expect(served.sockets.length).toBe(1)
  })

  it('is used again if the answer arrives before Node reports the request as sent', async () => {
    // In its own thread, the server answers while this thread is busy.
    const server = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads')
      let connections = 0
      const server = require('node:https').createServer(workerData, (request, response) => response.end(\`\${connections}\`))
      server.on('connection', () => (connections += 1)).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
      { eval: true, workerData: { ...tls } },
    )
    cleanups.push(() => server.terminate())
    const [port] = (await once(server, 'message')) as [number]
    const pool = openPool()
    const request: HttpRequest = { origin: `https://localhost:${port}`, method: 'GET', path: '/', headers: {} }
    const fetchMany = async () => {
      for (let at = 0; at < 100; at++) {
        await textOf(pool, request)
        blockFor(1)
      }
    }
    await Promise.all(Array.from({ length: 8 }, fetchMany))
    expect(Number(await textOf(pool, request))).toBeLessThanOrEqual(8)
  })

  it('ends another exchange too if it is distrusted', async () => {
    const served = await serve((request, response) => {
      if (request.url === '/first') response.end('first')
    })
    const pool = openPool()
    const first = await pool.exchange(get(served, '/first'), { start: () => undefined, data: () => undefined })
    // By then the connection has rested.
    await sleep(20)
    const second = textOf(pool, get(served, '/second'))
    first.distrust()
    await expect(second).rejects.toMatchObject({ code: 'network.broken' })
    expect(served.sockets.length).toBe(1)
  })

  it('carries one exchange at a time', async () => {
    const served = await serve((request, response) => setTimeout(() => response.end(request.url), 20))
    const pool = openPool()
    const paths = Array.from({ length: 7 }, (_, at) => `/${at}`)
    for (let round = 0; round < 3; round++) {
      expect(await Promise.all(paths.map((path) => textOf(pool, get(served, path))))).toEqual(paths)
    }
    expect(served.sockets.length).toBe(7)
  })

  it.each([
    ['connection: close', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    ['bytes after the answer', `${answerOf('ok')}HTTP/1.1 200 OK\r\n\r\n`],
  ])('is not used after %s', async (_, wire) => {
    const served = await serveRaw(() => wire)
    const pool = openPool()
    for (let count = 1; count <= 3; count++) {
      expect(await textOf(pool, get(served))).toBe('ok')
      expect(served.sockets.length).toBe(count)
    }
    await until(() => served.sockets.every((socket) => socket.destroyed))
  })

  it('ends an answer without a length by closing', async () => {
    const served = await serveRaw((_, socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'))
    const pool = openPool()
    expect(await textOf(pool, get(served))).toBe('all of it')
    expect(await textOf(pool, get(served))).toBe('all of it')
  })

  it('is not used after the server has closed it', async () => {
    const served = await serveRaw((_, socket) => {
      setTimeout(() => socket.end(), 20)
      return answerOf('ok')
    })
    const pool = openPool()
    for (let count = 1; count <= 3; count++) {
      expect(await textOf(pool, get(served))).toBe('ok')
      expect(served.sockets.length).toBe(count)
      await until(() => served.sockets.every((socket) => socket.destroyed))
    }
  })

  it('is used only as long as the server keeps it', async () => {
    const served = await serveRaw((path) => answerOf('ok', `keep-alive: timeout=${path.slice(1)}\r\n`))
    const pool = openPool({ stallTimeoutMs: 80 })
    await textOf(pool, get(served, '/2'))
    await sleep(300)
    await textOf(pool, get(served, '/1'))
    expect(served.sockets.length).toBe(1)
    await sleep(300)
    expect(served.sockets[0]?.destroyed).toBe(true)
    await textOf(pool, get(served, '/2'))
    await until(() => served.sockets[1]?.destroyed === true)
    await textOf(pool, get(served, '/2'))
    expect(served.sockets.length).toBe(3)
  })

  it('is closed if unrequested bytes arrive', async () => {
    const served = await serveRaw((path, socket) => {
      if (path === '/first') setTimeout(() => socket.write(answerOf('of nothing')), 20)
      return answerOf(path)
    })
    const pool = openPool()
    await textOf(pool, get(served, '/first'))
    await until(() => served.sockets[0]?.destroyed === true)
    expect(await textOf(pool, get(served, '/second'))).toBe('/second')
    expect(served.sockets.length).toBe(2)
  })

  it('is not used after its whole answer was rejected', async () => {
    const served = await serveRaw((path) => answerOf(path))
    const pool = openPool()
    await textOf(pool, get(served, '/first'))
    const check = () => {
      throw new Error('it is not mine')
    }
    await expect(collect(pool, get(served, '/second'), undefined, { check })).rejects.toThrow('it is not mine')
    await until(() => served.sockets[0]?.destroyed === true)
    expect(await textOf(pool, get(served, '/third'))).toBe('/third')
  })

  it('is not used again at once, so that a stray answer is not mistaken for the next one', async () => {
    const served = await serveRaw((path, socket) => {
      // After the right answer was read, and before the next request can be sent.
      if (path === '/first') setImmediate(() => setImmediate(() => socket.write(answerOf('stray'))))
      return answerOf(path)
    })
    for (let round = 0; round < 20; round++) {
      const pool = openPool()
      await textOf(pool, get(served, '/first'))
      expect(await textOf(pool, get(served, '/second'))).toBe('/second')
    }
  })

  it('that must be new replaces an idle one', async () => {
    const served = await serve((request, response) => response.end(request.url))
    const pool = openPool()
    await Promise.all([1, 2, 3].map((at) => textOf(pool, get(served, `/${at}`))))
    await sleep(20)
    for (let at = 0; at < 10; at++) {
      expect(await textOf(pool, { ...get(served, `/${at}`), needsNewConnection: true })).toBe(`/${at}`)
    }
    expect(served.sockets.length).toBe(13)
    await until(() => served.sockets.filter((socket) => !socket.destroyed).length === 3)
  })

  it('is closed if it is distrusted, and another carries the next exchange', async () => {
    const served = await serve((request, response) => response.end(request.url))
    const pool = openPool()
    const connection = await pool.exchange(get(served), { start: () => undefined, data: () => undefined })
    connection.distrust()
    await until(() => served.sockets[0]?.destroyed === true)
    expect(await textOf(pool, get(served, '/next'))).toBe('/next')
    expect(served.sockets.length).toBe(2)
  })

  it.each(['http', 'https'])('does not keep the process running while idle: %s', async (scheme) => {
    const answer: RequestListener = (_, response) => response.end('ok')
    const served =
      scheme === 'http'
        ? await serve(answer)
        : await listen(createHttpsServer({ ...tls, keepAliveTimeout: 0 }, answer), 'https://localhost')
    const source = (name: string) => JSON.stringify(new URL(`../../src/s3/${name}`, import.meta.url).href)
    const script = `import { createSecureContext } from 'node:tls'
      import { collect } from ${source('collect.ts')}
      import { HttpPool } from ${source('http-pool.ts')}
      const secureContext = () => createSecureContext({ ca: ${JSON.stringify(tls.cert)} })
      const pool = new HttpPool({ secureContext, connectTimeoutMs: 5000, stallTimeoutMs: 800 })
      for (let at = 0; at < 2; at++) {
        console.log(String((await collect(pool, ${JSON.stringify(get(served))})).body))
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
      console.log('done')`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
    let said = ''
    for (const output of [child.stdout, child.stderr]) output.on('data', (bytes: Buffer) => (said += String(bytes)))
    await until(() => said.includes('done') || child.exitCode !== null)
    const before = performance.now()
    if (child.exitCode === null) await once(child, 'exit')
    expect([said, child.exitCode]).toEqual(['ok\nok\ndone\n', 0])
    expect(performance.now() - before).toBeLessThan(4000)
    expect(served.sockets.length).toBe(1)
  })
})

describe('an answer', () => {
  it('follows 100 Continue', async () => {
    const served = await serveRaw(
      () => `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nx: y\r\n\r\n${answerOf('ok')}`,
    )
    const pool = openPool()
    expect(await textOf(pool, get(served))).toBe('ok')
    expect(await textOf(pool, get(served))).toBe('ok')
    expect(served.sockets.length).toBe(1)
  })

  it('that is long is passed on in pieces while it arrives', async () => {
    const body = Buffer.from(Uint32Array.from({ length: 500_000 }, (_, at) => at * 2_654_435_761).buffer)
    let more = (): void => undefined
    const served = await serve((_, response) => {
      response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, 1_000_000))
      more = () => response.end(body.subarray(1_000_000))
    })
    const chunks: Buffer[] = []
    const receiver = { start: () => undefined, data: (chunk: Buffer) => void chunks.push(chunk) }
    const done = openPool().exchange(get(served), receiver)
    const length = () => chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    await until(() => length() === 1_000_000)
    more()
    await done
    expect(Buffer.concat(chunks).equals(body)).toBe(true)
  })

  it('to HEAD has no body, whatever its headers say', async () => {
    const served = await serveRaw(() => 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
    const pool = openPool()
    for (let at = 0; at < 3; at++) {
      const answer = await collect(pool, { ...get(served), method: 'HEAD' })
      expect([answer.headers['content-length'], answer.body.length]).toEqual(['1000', 0])
    }
    expect(served.sockets.length).toBe(1)
  })

  it.each([
    ['keeps the connection', (socket: Socket) => void socket.write('HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno')],
    ['closes it', (socket: Socket) => void socket.end('HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno')],
    ['ends by closing it', (socket: Socket) => void socket.end('HTTP/1.1 403 No\r\n\r\nno')],
    [
      'resets it',
      (socket: Socket) =>
        void socket.write('HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno', () => socket.resetAndDestroy()),
    ],
  ])('that arrives before the request was sent is returned if the server %s', async (_, refuse) => {
    let count = 0
    const served = await listen(
      createNetServer((socket) => {
        if (count++ > 0) socket.on('data', () => socket.write(answerOf('another')))
        else socket.once('data', () => refuse(socket.pause()))
      }),
    )
    const pool = openPool()
    const answer = await collect(pool, put(served, Buffer.alloc(30_000_000)))
    expect([answer.status, answer.body.toString()]).toEqual([403, 'no'])
    expect(await textOf(pool, get(served))).toBe('another')
    expect(served.sockets.length).toBe(2)
  })

  it('does not count as stalled while this process is busy', async () => {
    const served = await serve((request, response) => request.resume().on('end', () => response.end('ok')))
    const pool = openPool({ stallTimeoutMs: 80 })
    for (const request of [get(served), put(served, 'a'), put(served, Buffer.alloc(1_000_000))]) {
      await textOf(pool, get(served))
      const done = textOf(pool, request)
      for (let at = 0; at < 4; at++) {
        blockFor(160)
        await new Promise(setImmediate)
      }
      expect(await done).toBe('ok')
    }
  })

  /** Sends `head`, and then repeatedly the bytes of `rest`, one at each interval. */
  const drip = (head: string, rest: string, everyMs: number) => (_: string, socket: Socket) => {
    let at = 0
    const timer = setInterval(() => socket.write(rest[at++ % rest.length] ?? '', 'latin1'), everyMs)
    socket.on('close', () => clearInterval(timer))
    return head
  }

  it('with a body that arrives byte by byte does not count as stalled', async () => {
    const served = await serveRaw(drip('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n', 'a', 25))
    expect(await textOf(openPool({ stallTimeoutMs: 400 }), get(served))).toBe('a'.repeat(20))
  })

  it('may take long if the server copies or joins objects', async () => {
    const served = await serveRaw(drip('HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n', 'a', 25))
    expect(await textOf(openPool({ stallTimeoutMs: 200 }), put(served, ''))).toBe('a'.repeat(60))
  })

  const line = `x: ${'a'.repeat(9000)}\r\n`
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  it.each([
    ['an endless head', () => `HTTP/1.1 200 OK\r\n${line.repeat(4)}`, 'network.endless-head'],
    ['endless trailers', () => `${chunked}0\r\n${line.repeat(4)}`, 'network.endless-trailers'],
    ['an endless chunk line', () => `${chunked}1;${'a'.repeat(40_000)}`, 'network.endless-trailers'],
    ['endless 1xx answers', () => 'HTTP/1.1 102 Wait\r\n\r\n'.repeat(17), 'network.endless-informational'],
    ['a head that arrives byte by byte', drip('HTTP/1.1 200 OK\r\nx: ', 'a', 20), 'network.stalled'],
    [
      '1xx answers that arrive slowly',
      drip('HTTP/1.1 102 Wait\r\n\r\n', 'HTTP/1.1 102 W\r\n\r\n', 15),
      'network.stalled',
    ],
    ['trailers that arrive byte by byte', drip(`${chunked}0\r\n`, 'x: a\r\n', 20), 'network.stalled'],
    ['a body that arrives too slowly', drip('HTTP/1.1 200 OK\r\n\r\n', 'a', 20), 'network.slow-answer'],
  ])('with %s is aborted and its connection closed', async (_, answer, code) => {
    const served = await serveRaw(answer)
    const pool = openPool({ stallTimeoutMs: 200 })
    await expect(textOf(pool, get(served))).rejects.toMatchObject({ code })
    await until(() => served.sockets[0]?.destroyed === true)
  })

  it.each([
    ['never begins', () => undefined, 'network.stalled'],
    ['stops within its head', () => 'HTTP/1.1 200 OK\r\nx', 'network.stalled'],
    ['stops within its body', () => 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab', 'network.stalled'],
    ['is not HTTP', () => '220 mail.example.com ESMTP\r\n', 'network.broken'],
    ['has two lengths', () => 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 'network.broken'],
    [
      'is cut off',
      (_: string, socket: Socket) => void socket.end(answerOf('abc').slice(0, -1)),
      'network.short-answer',
    ],
    ['is missing', (_: string, socket: Socket) => void socket.end(), 'network.broken'],
    ['is a reset', (_: string, socket: Socket) => void socket.resetAndDestroy(), 'network.broken'],
  ])('that %s is reported, and its connection is not used again', async (_, answer, code) => {
    let count = 0
    const served = await serveRaw((path, socket) => (count++ > 0 ? answerOf('good') : answer(path, socket)))
    const pool = openPool({ stallTimeoutMs: 200 })
    await expect(textOf(pool, get(served))).rejects.toMatchObject({ code })
    expect(await textOf(pool, get(served))).toBe('good')
    expect(served.sockets.length).toBe(2)
  })

  it('of random bytes is a network error or an answer, and the next answer is correct', async () => {
    let noise = ''
    const served = await serveRaw((path, socket) => {
      if (path === '/good') return answerOf('good')
      socket.end(noise, 'latin1')
      return undefined
    })
    const pool = openPool()
    const piece = fc.oneof(
      fc.constantFrom('HTTP/1.1 ', '200', ' OK', '\r\n', '\r\n\r\n', 'content-length: 3', 'transfer-encoding: chunked'),
      fc.constantFrom('0', '1', 'ffffffffffff', 'abc', 'connection: close', 'HTTP/1.1 100 C\r\n\r\n', answerOf('x')),
      fc.string({ maxLength: 10 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        noise = pieces.join('')
        const end = await textOf(pool, get(served, '/noise')).catch((error: unknown) => error)
        await until(() => served.sockets.every((socket) => socket.destroyed))
        if (typeof end !== 'string') expect(end).toMatchObject({ code: expect.stringMatching(/^network\./) })
        expect(await textOf(pool, get(served, '/good'))).toBe('good')
      }),
      { numRuns: 150 },
    )
  })
})

describe('a request', () => {
  it.each([0, 1, 262_144, 262_145, 9_000_000])('with a body of %i bytes arrives unchanged', async (length) => {
    const body = Buffer.alloc(length, 'some bytes of a body')
    const served = await serve((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => response.end(String(Buffer.concat(chunks).equals(body))))
    })
    const pool = openPool()
    for (let at = 0; at < 3; at++) expect(await textOf(pool, put(served, body))).toBe('true')
    expect(await textOf(pool, put(served, body.toString()))).toBe('true')
    expect(served.sockets.length).toBe(1)
  })

  /** Reads 64 KB every few milliseconds, `bytes` in total. */
  const slowly = (bytes: number) => (socket: Socket) => {
    let left = bytes
    socket.pause()
    const timer = setInterval(() => {
      for (let want = Math.min(left, 65_536); want > 0;) {
        const taken = socket.read(Math.min(want, socket.readableLength || 1)) as Buffer | null
        if (taken === null) break
        want -= taken.length
        left -= taken.length
      }
      if (left <= 0) clearInterval(timer)
      if (left <= 0 && bytes >= 30_000_000) socket.write(answerOf('all of it'))
    }, 4)
    socket.on('close', () => clearInterval(timer))
  }
  const servers = {
    http: (bytes: number) => listen(createNetServer(slowly(bytes))),
    https: (bytes: number) => listen(createTlsServer(tls, slowly(bytes)), 'https://localhost'),
  }

  it.each(['http', 'https'] as const)('that is read slowly does not count as stalled: %s', async (scheme) => {
    const served = await servers[scheme](30_000_000)
    const before = performance.now()
    expect(await textOf(openPool({ stallTimeoutMs: 800 }), put(served, Buffer.alloc(30_000_000)))).toBe('all of it')
    expect(performance.now() - before).toBeGreaterThan(1600)
  })

  it.each(['http', 'https'] as const)('that is no longer read counts as stalled: %s', async (scheme) => {
    const served = await servers[scheme](5_000_000)
    const sent = textOf(openPool({ stallTimeoutMs: 800 }), put(served, Buffer.alloc(30_000_000)))
    await expect(sent).rejects.toMatchObject({ code: 'network.stalled' })
  })

  it('to a server that never accepts is aborted in time', async () => {
    const served = await listen(
      createNetServer((socket) => socket.resume()),
      'https://localhost',
    )
    const pool = openPool({ connectTimeoutMs: 100 })
    await expect(textOf(pool, get(served))).rejects.toMatchObject({ code: 'network.connect-timeout' })
    await until(() => served.sockets[0]?.destroyed === true)
  })

  it('that HTTP does not allow is not sent', async () => {
    const served = await serve((_, response) => response.end())
    const sent = textOf(openPool(), { ...get(served), headers: { 'x-a': 'b\r\nx-c: d' } })
    await expect(sent).rejects.toMatchObject({ code: 'network.unsendable' })
    expect(served.sockets.length).toBe(0)
  })
})

describe('a signal', () => {
  it('ends only its own exchanges', async () => {
    const waiting: (() => void)[] = []
    const served = await serve((request, response) => waiting.push(() => response.end(request.url)))
    const pool = openPool()
    const [stop, other] = [new AbortController(), new AbortController()]
    const stopped = [1, 2].map((at) => textOf(pool, get(served, `/${at}`), stop.signal))
    const kept = [textOf(pool, get(served, '/3'), other.signal), textOf(pool, get(served, '/4'))]
    await until(() => waiting.length === 4)
    stop.abort()
    for (const one of await Promise.allSettled(stopped)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'interrupted' } })
    }
    for (const answer of waiting) answer()
    expect(await Promise.all(kept)).toEqual(['/3', '/4'])
    await until(() => served.sockets.filter((socket) => socket.destroyed).length === 2)
  })

  it('does not end a later exchange on the same connection', async () => {
    const served = await serve((request, response) => setTimeout(() => response.end(request.url), 50))
    const pool = openPool()
    const stop = new AbortController()
    await textOf(pool, get(served), stop.signal)
    const next = textOf(pool, get(served, '/next'))
    stop.abort()
    expect(await next).toBe('/next')
    expect(served.sockets.length).toBe(1)
  })

  it.each(['http://127.0.0.1', 'https://localhost'])('ends a connection that is being opened to %s', async (scheme) => {
    const said: Buffer[] = []
    const served = await listen(
      createNetServer((socket) => socket.on('data', (bytes: Buffer) => said.push(bytes))),
      scheme,
    )
    const stop = new AbortController()
    const call = textOf(openPool(), get(served), stop.signal)
    if (scheme.startsWith('https')) await until(() => said.length > 0)
    stop.abort()
    await expect(call).rejects.toMatchObject({ code: 'interrupted' })
    await until(() => served.sockets.every((socket) => socket.destroyed))
    expect(Buffer.concat(said).includes('GET')).toBe(false)
  })

  it('that is already aborted prevents sending', async () => {
    const served = await serve((_, response) => response.end())
    await expect(textOf(openPool(), get(served), AbortSignal.abort())).rejects.toMatchObject({ code: 'interrupted' })
    expect(served.sockets.length).toBe(0)
  })
})

describe('a pool', () => {
  it('that is closed ends running exchanges and accepts no more', async () => {
    const served = await serve((request, response) => void (request.url === '/idle' && response.end()))
    const pool = openPool()
    await textOf(pool, get(served, '/idle'))
    const calls = [1, 2].map(() => textOf(pool, get(served)))
    await until(() => served.sockets.length === 2)
    await pool.close()
    for (const call of [...calls, textOf(pool, get(served))]) {
      await expect(call).rejects.toMatchObject({ code: 'network.broken' })
    }
    await until(() => served.sockets.every((socket) => socket.destroyed))
    expect(served.sockets.length).toBe(2)
    await pool.close()
  })
})

describe('a receiver', () => {
  const receiver = (parts: Partial<HttpReceiver>): HttpReceiver => ({
    start: () => undefined,
    data: () => undefined,
    ...parts,
  })
  const fail = (): never => {
    throw new TypeError('a bug')
  }

  it.each([
    ['start', receiver({ start: fail }), 'http'],
    ['data', receiver({ data: fail }), 'http'],
    ['start', receiver({ start: fail }), 'https'],
    ['data', receiver({ data: fail }), 'https'],
  ] as const)('that throws in %s ends the exchange with that error, and the connection', async (_, failing, scheme) => {
    const answer: RequestListener = (_request, response) => response.end('a'.repeat(300_000))
    const served =
      scheme === 'http' ? await serve(answer) : await listen(createHttpsServer(tls, answer), 'https://localhost')
    const pool = openPool()
    await expect(pool.exchange(get(served), failing)).rejects.toThrow('a bug')
    expect((await textOf(pool, get(served))).length).toBe(300_000)
    await until(() => served.sockets[0]?.destroyed === true)
    expect(served.sockets.length).toBe(2)
  })

  it.each(['ok', 'a'.repeat(300_000)])(
    'that interrupts its own exchange leaves no dead connection behind',
    async (body) => {
      const served = await serve((_, response) => response.end(body))
      const pool = openPool({ stallTimeoutMs: 300 })
      for (const name of ['start', 'data'] as const) {
        const stop = new AbortController()
        const exchange = pool.exchange(get(served), receiver({ [name]: () => stop.abort() }), stop.signal)
        await expect(exchange).rejects.toMatchObject({ code: 'interrupted' })
        expect(await textOf(pool, get(served))).toBe(body)
      }
    },
  )
})

describe('TLS', () => {
  async function serveTls(options: TlsOptions = {}) {
    const said: string[] = []
    const reused: boolean[] = []
    const server = createTlsServer({ ...tls, ...options }, (socket: TLSSocket) => {
      reused.push(socket.isSessionReused())
      socket
        .on('error', () => undefined)
        .on('data', (bytes: Buffer) => {
          said.push(bytes.toString())
          socket.end(answerOf('ok', 'connection: close\r\n'))
        })
    })
    return { ...(await listen(server, 'https://localhost')), said, reused }
  }

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes the last session: %s', async (maxVersion) => {
    const served = await serveTls({ maxVersion })
    const pool = openPool()
    for (let at = 0; at < 3; at++) expect(await textOf(pool, get(served))).toBe('ok')
    expect(served.reused).toEqual([false, true, true])
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('sends nothing to a server with another name: %s', async (maxVersion) => {
    const served = await serveTls({ maxVersion })
    const pool = openPool()
    const elsewhere = { ...served, origin: served.origin.replace('localhost', '127.0.0.1') }
    for (let at = 0; at < 3; at++) {
      await expect(textOf(pool, get(elsewhere))).rejects.toMatchObject({ code: 'network.untrusted' })
    }
    expect(await textOf(pool, get(served))).toBe('ok')
    await expect(textOf(pool, get(elsewhere))).rejects.toMatchObject({ code: 'network.untrusted' })
    expect(served.said.length).toBe(1)
  })

  it('sends the requested host name, which a server with many names needs', async () => {
    const wanted: string[] = []
    const served = await serveTls({
      SNICallback: (name, done) => {
        wanted.push(name)
        done(null)
      },
    })
    await textOf(openPool(), get(served))
    expect(wanted).toEqual(['localhost'])
  })

  it('sends nothing to an untrusted server', async () => {
    const served = await serveTls()
    const pool = openPool({ secureContext: () => createSecureContext() })
    await expect(textOf(pool, get(served))).rejects.toMatchObject({ code: 'network.untrusted' })
    expect(served.said).toEqual([])
  })

  it('fails with a server that does not support TLS', async () => {
    const served = await listen(
      createNetServer((socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n')),
      'https://localhost',
    )
    await expect(textOf(openPool(), get(served))).rejects.toMatchObject({ code: 'network.broken' })
  })

  it('reports that the handshake failed', async () => {
    const served = await listen(
      createNetServer((socket) => socket.once('data', () => socket.end())),
      'https://localhost',
    )
    const call = textOf(openPool(), get(served))
    await expect(call).rejects.toMatchObject({ code: 'network.broken', message: expect.stringContaining('TLS') })
  })

  it('returns a long answer unchanged', async () => {
    const body = 'some of a long body'.repeat(100_000)
    const served = await listen(
      createHttpsServer({ ...tls }, (_, response) => response.end(body)),
      'https://localhost',
    )
    const pool = openPool()
    for (let at = 0; at < 3; at++) expect((await textOf(pool, get(served))) === body).toBe(true)
    expect(served.sockets.length).toBe(1)
  })

  it('loads the certificates once for all origins', async () => {
    let count = 0
    const pool = openPool({
      secureContext: () => {
        count++
        return createSecureContext({ ca: tls.cert })
      },
    })
    for (const served of [await serveTls(), await serveTls()]) await textOf(pool, get(served))
    expect(count).toBe(1)
  })
})
