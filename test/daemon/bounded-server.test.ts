import { request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { boundedServer, endServer, mostConnections } from '../../src/daemon/bounded-server.ts'
import { startCredentialsServer } from '../../src/cli/credentials-server.ts'
import { startHealthServer } from '../../src/daemon/health-server.ts'

const endings: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

const halfRequest = 'GET /livez HTTP/1.1\r\nHost: a\r\nX: '

/** Opens connections that send some text and then wait. */
async function hold(port: number, count: number, text = halfRequest): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    endings.push(() => void socket.destroy())
    socket.resume()
    return socket
  })
  await Promise.all(
    sockets.map((socket) => new Promise((sent) => socket.once('connect', () => socket.write(text, sent)))),
  )
  return sockets
}

function get(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    })
    call.on('error', reject)
    call.end()
  })
}

/** Starts a server that holds its answers to `/late` until they are released. */
async function serve(): Promise<{ server: Server; port: number; url: string; letGo: () => void }> {
  const late: (() => void)[] = []
  const server = boundedServer(({ url }, response) => {
    if (url === '/late') late.push(() => response.end())
    else response.end()
  })
  endings.push(() => endServer(server))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return { server, port, url: `http://127.0.0.1:${port}`, letGo: () => late.forEach((end) => end()) }
}

function openAt(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )
}

test('/livez answers within 2 seconds while 80 half-sent requests wait', async () => {
  const pages = { metrics: () => '', health: () => undefined, live: () => undefined }
  const server = await startHealthServer({ host: '127.0.0.1', port: 0 }, pages)
  endings.push(() => server.close())
  await hold(Number(new URL(server.url).port), 80)
  const startedAtMs = performance.now()
  expect(await get(`${server.url}/livez`)).toBe(200)
  expect(performance.now() - startedAtMs).toBeLessThan(2000)
})

test('the credentials server answers within 2 seconds while 500 half-sent requests wait', async () => {
  const keys = { accessKeyId: 'ASIA1', secretAccessKey: 'the-secret' }
  const server = await startCredentialsServer({ current: () => keys, onFailure: () => undefined })
  endings.push(() => server.close())
  const held = await hold(Number(new URL(server.url).port), 500)
  const startedAtMs = performance.now()
  expect(await get(server.url, { authorization: server.token })).toBe(200)
  expect(performance.now() - startedAtMs).toBeLessThan(2000)
  await expect.poll(() => held.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(mostConnections)
})

test('with 500 half-sent requests, a limited number of connections stays open, and the newest stay', async () => {
  const { server, port, url } = await serve()
  const first = await hold(port, 250)
  await hold(port, 250)
  expect(await get(url)).toBe(200)
  expect(await openAt(server)).toBeLessThanOrEqual(mostConnections)
  await expect.poll(() => first.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(10)
})

test('a connection with an incomplete request is closed after some seconds, and one that waits for its answer is not', async () => {
  const { server, port, url, letGo } = await serve()
  const late = get(`${url}/late`)
  const halfBody = 'POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx'
  const held = (await Promise.all(['', halfRequest, halfBody].map((text) => hold(port, 1, text)))).flat()
  const closed = () => held.map((socket) => socket.closed)
  await expect.poll(closed, { timeout: 25_000, interval: 100 }).toEqual([true, true, true])
  expect(await openAt(server)).toBe(1)
  letGo()
  expect(await late).toBe(200)
}, 60_000)

test('a request that waits for its answer keeps its connection while half-sent ones are closed', async () => {
  const { url, port, letGo } = await serve()
  const late = get(`${url}/late`)
  await sleep(100)
  await hold(port, 300)
  await get(url)
  letGo()
  expect(await late).toBe(200)
})

test('a new connection gets an answer if all others wait for theirs', async () => {
  const { server, port, url } = await serve()
  await hold(port, 300, 'GET /late HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(await get(url)).toBe(200)
  expect(await openAt(server)).toBeLessThanOrEqual(mostConnections)
})

test('a reused connection counts as new', async () => {
  const { port } = await serve()
  const [used] = await hold(port, 1, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const [unused] = await hold(port, 1)
  await hold(port, 200)
  used?.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await new Promise((answered) => used?.once('data', answered))
  await hold(port, 55)
  await expect.poll(() => unused?.closed).toBe(true)
  expect(used?.closed).toBe(false)
})
