import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StallingProxy } from './stalling-proxy.ts'

let echo: Server
let echoSides: Socket[]
let proxy: StallingProxy
beforeEach(async () => {
  echoSides = []
  echo = createServer((socket) => {
    echoSides.push(socket)
    socket.on('error', () => socket.destroy()).pipe(socket)
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await StallingProxy.start((echo.address() as AddressInfo).port)
})
afterEach(async () => {
  await proxy.stop()
  echo.close()
})

function open(): { readonly socket: Socket; readonly received: () => string; readonly closed: () => boolean } {
  const socket = connect(proxy.port, '127.0.0.1')
  let text = ''
  let isClosed = false
  socket.setEncoding('utf8').on('data', (more: string) => (text += more))
  socket.on('error', () => undefined).on('close', () => (isClosed = true))
  return { socket, received: () => text, closed: () => isClosed }
}

test('bytes pass in both directions', async () => {
  const { socket, received } = open()
  socket.write('hello')
  await expect.poll(received).toBe('hello')
  socket.destroy()
  await expect.poll(() => proxy.connections).toBe(0)
})

test('while it stalls, no byte passes and no side is told that the other one closed', async () => {
  const [first, second] = [open(), open()]
  first.socket.write('a')
  second.socket.write('b')
  await expect.poll(() => first.received() + second.received()).toBe('ab')
  proxy.stall()
  first.socket.write('-later')
  second.socket.destroy()
  const third = open()
  third.socket.write('new')
  await sleep(200)
  expect([first.received(), third.received()]).toEqual(['a', ''])
  expect(echoSides.map(({ destroyed }) => destroyed).slice(0, 2)).toEqual([false, false])
  proxy.resume()
  await expect.poll(first.received).toBe('a-later')
  await expect.poll(third.received).toBe('new')
  await expect.poll(() => echoSides.filter(({ destroyed }) => destroyed).length).toBe(1)
  for (const { socket } of [first, third]) socket.destroy()
})

test('a reset closes the connections, and new ones work unless it refuses them', async () => {
  const first = open()
  first.socket.write('a')
  await expect.poll(first.received).toBe('a')
  proxy.reset()
  await expect.poll(first.closed).toBe(true)
  proxy.refuse()
  const refused = open()
  await expect.poll(refused.closed).toBe(true)
  proxy.accept()
  const last = open()
  last.socket.write('b')
  await expect.poll(last.received).toBe('b')
  last.socket.destroy()
})
