import type { RequestListener } from 'node:http'

import { expect, test } from 'vitest'

import { callLocally } from '../../src/identity/local-http.ts'
import { serve, useEmptyWorld } from './source-world.ts'

useEmptyWorld()

async function called(listener: RequestListener, timeoutMs = 2_000) {
  const url = new URL('/path', await serve(listener))
  return callLocally(url, { method: 'GET', headers: { 'x-asked': 'yes' }, timeoutMs })
}

test('returns status and body of any answer', async () => {
  const answer = await called((request, response) =>
    response.writeHead(418).end(`${request.url} ${String(request.headers['x-asked'])}`),
  )
  expect(answer).toEqual({ status: 418, body: '/path yes' })
})

test('reports no connection if nobody listens on the port', async () => {
  const call = callLocally(new URL('http://127.0.0.1:1/'), { method: 'GET', headers: {}, timeoutMs: 2_000 })
  expect(await call).toEqual({ connected: false, reason: 'ECONNREFUSED' })
})

test('distinguishes a connection without an answer from no connection', async () => {
  expect(await called(() => undefined, 200)).toEqual({ connected: true, reason: 'no answer' })
})

test('reports no answer if an answer stalls', async () => {
  expect(await called((_, response) => response.writeHead(200).write('half'), 200)).toEqual({
    connected: true,
    reason: expect.any(String),
  })
})

test('stops reading an endless answer and reports no answer', async () => {
  let isClosed = false
  const answer = await called((_, response) => {
    const send = (): void => void response.write(Buffer.alloc(65_536, 'a'), () => !response.destroyed && send())
    response.on('close', () => (isClosed = true))
    send()
  })
  expect(answer).toEqual({ connected: true, reason: 'an answer of more than 1048576 bytes' })
  await expect.poll(() => isClosed).toBe(true)
})

test('reports no answer if the connection breaks', async () => {
  expect(await called((request) => request.socket.destroy())).toEqual({ connected: true, reason: 'ECONNRESET' })
})

test.each<[string, string, Record<string, string>]>([
  ['an address that is neither http nor https', 'ftp://127.0.0.1/', {}],
  ['a header that HTTP does not allow', 'http://127.0.0.1:1/', { token: '<html>\n</html>' }],
])('reports no answer for %s', async (_, address, headers) => {
  const answer = await callLocally(new URL(address), { method: 'GET', headers, timeoutMs: 2_000 })
  expect(answer).toMatchObject({ connected: false })
})

test('does not use a proxy of the environment', async () => {
  process.env['HTTP_PROXY'] = 'http://127.0.0.1:1'
  try {
    expect(await called((_, response) => response.end('here'))).toEqual({ status: 200, body: 'here' })
  } finally {
    delete process.env['HTTP_PROXY']
  }
})
