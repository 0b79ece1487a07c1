import { afterEach, expect, test } from 'vitest'
import { type HealthPages, type HealthServer, isLoopback, startHealthServer } from '../../src/daemon/health-server.ts'

const running: HealthServer[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

async function serve(pages: Partial<HealthPages> = {}): Promise<string> {
  const fine = { metrics: () => 'up 1\n', health: () => undefined, live: () => undefined }
  const server = await startHealthServer({ host: '127.0.0.1', port: 0 }, { ...fine, ...pages })
  running.push(server)
  return server.url
}

async function get(url: string, init?: RequestInit): Promise<[status: number, text: string]> {
  const response = await fetch(url, init)
  return [response.status, await response.text()]
}

test('/metrics returns the page with the content type that Prometheus requires', async () => {
  const response = await fetch(`${await serve()}/metrics?x=1`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toBe('up 1\n')
})

test('/healthz and /livez answer 200 while nothing is wrong', async () => {
  const url = await serve()
  expect([await get(`${url}/healthz`), await get(`${url}/livez`)]).toEqual([
    [200, 'ok\n'],
    [200, 'ok\n'],
  ])
})

test('each page returns its own problem with 503 and the reason', async () => {
  const url = await serve({ health: () => '3 pulls in a row failed' })
  expect([await get(`${url}/healthz`), await get(`${url}/livez`)]).toEqual([
    [503, '3 pulls in a row failed\n'],
    [200, 'ok\n'],
  ])
})

test('only GET and HEAD are allowed, and other paths are not found', async () => {
  const url = await serve()
  expect((await get(`${url}/metrics`, { method: 'POST', body: 'x' }))[0]).toBe(405)
  expect((await get(`${url}/`))[0]).toBe(404)
  expect(await get(`${url}/metrics`, { method: 'HEAD' })).toEqual([200, ''])
})

test('a port in use is an error that says so', async () => {
  const port = Number(new URL(await serve()).port)
  const pages = { metrics: () => '', health: () => undefined, live: () => undefined }
  await expect(startHealthServer({ host: '127.0.0.1', port }, pages)).rejects.toMatchObject({
    code: 'network.cannot-listen',
    message: `port ${port} on 127.0.0.1 is already in use`,
  })
})

test('closing the server closes idle connections', async () => {
  const url = await serve()
  await get(`${url}/livez`, { headers: { connection: 'keep-alive' } })
  const [server] = running.splice(0)
  await server?.close()
  await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed')
})

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.com', false],
])('%s is a loopback address: %s', (host, loopback) => {
  expect(isLoopback({ host, port: 1 })).toBe(loopback)
})
