import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import type { BodyReceiver } from '../../src/s3/body-receiver.ts'
import { Bucket } from '../../src/s3/bucket.ts'
import { createHttpClient, type HttpClientOptions } from '../../src/s3/http-client.ts'
import { joinChunks } from '../../src/s3/http.ts'
import { Pacer } from '../../src/s3/pacer.ts'
import { owner } from './admin-lab.ts'

const cleanups: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A server that keeps sending wrong bytes over each connection whose first answer was wrong, like a server that is out of step. */
async function outOfStep(): Promise<{ readonly host: string; readonly answered: string[] }> {
  const numbers = new Map<Socket, number>()
  const answered: string[] = []
  const answer: RequestListener = ({ socket }, response) => {
    const number = numbers.get(socket) ?? numbers.size
    numbers.set(socket, number)
    const text = number === 0 ? 'wrong' : 'right'
    answered.push(`${text} over ${number}`)
    response.writeHead(200, { 'content-length': text.length }).end(text)
  }
  const port = await listen(createServer({ keepAliveTimeout: 0 }, answer))
  return { host: `127.0.0.1:${port}`, answered }
}

async function tunnel(): Promise<string> {
  const proxy = createServer()
  proxy.on('connect', (request, socket: Socket) => {
    const [host = '', port = ''] = String(request.url).split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    socket.on('error', () => upstream.destroy())
    upstream.on('error', () => socket.destroy())
  })
  return `http://127.0.0.1:${await listen(proxy)}`
}

function bucketAt(host: string, env: HttpClientOptions['env']): Bucket {
  const http = createHttpClient({ env })
  cleanups.push(() => http.close())
  const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }
  return new Bucket({
    trail: { bucket: 'b', owner, region: 'us-east-1', requesterPays: false },
    keys: { current: () => keys, renew: () => Promise.resolve(keys) },
    http,
    pacer: new Pacer({ maxConcurrency: 4 }),
    retry: { maxAttempts: 4, baseDelayMs: 1, maxDelayMs: 5 },
    resolveEndpoint: (name, region) =>
      Promise.resolve({ origin: `http://${host}`, host, pathPrefix: `/${name}`, region }),
  })
}

/** Collects a body and rejects it when it is complete. */
function demanding(text: string): () => BodyReceiver<string> {
  return () => {
    const chunks: Buffer[] = []
    return {
      start: () => undefined,
      data: (chunk) => void chunks.push(chunk),
      finish: () => {
        const body = joinChunks(chunks).toString()
        if (body !== text) throw new CrosstrailError('object.corrupt', `${body} is wrong`)
        return body
      },
      discard: () => undefined,
    }
  }
}

test('requests a wrong body again over another connection', async () => {
  const { host, answered } = await outOfStep()
  expect(await bucketAt(host, {}).get({ key: 'k' }, demanding('right'))).toBe('right')
  expect(answered).toEqual(['wrong over 0', 'right over 1'])
})

test('requests a wrong body again over another connection through a proxy too', async () => {
  const { host, answered } = await outOfStep()
  const bucket = bucketAt(host, { HTTP_PROXY: await tunnel() })
  expect(await bucket.get({ key: 'k' }, demanding('right'))).toBe('right')
  expect(answered).toEqual(['wrong over 0', 'right over 1'])
})

test('reuses the connection after a correct body', async () => {
  const { host, answered } = await outOfStep()
  const bucket = bucketAt(host, {})
  for (let at = 0; at < 3; at++) await bucket.get({ key: 'k' }, demanding('wrong'))
  expect(answered).toEqual(['wrong over 0', 'wrong over 0', 'wrong over 0'])
})
