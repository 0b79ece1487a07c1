import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
const tunnels: string[] = []
const proxy = createServer()

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60 } })
  proxy.on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
    tunnels.push(url)
    const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    socket.on('error', () => upstream.destroy())
    upstream.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  proxy.close()
  await world.stop()
})

const proxyUrl = () => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`

test.each([[[]], [['--threads', '2', '--concurrency', '2']]])(
  'all requests go through the proxy, and all logs are complete: %j',
  async (threads) => {
    const direct = await world.run(['list', 'B', '--output', 'json'])
    expect(tunnels.splice(0)).toEqual([])
    const { exitCode, stdout, stderr } = await world.run(
      ['download', 'B', '--to', world.newPath(), '--output', 'json', ...threads],
      { env: { HTTP_PROXY: proxyUrl() } },
    )
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    const done = jsonLines(stdout).filter(({ status }) => status === 'done')
    expect(done.length).toBe(jsonLines(direct.stdout).length)
    expect(new Set(tunnels.splice(0))).toEqual(new Set([new URL(world.lab.endpoint).host]))
  },
)

test('respects NO_PROXY', async () => {
  const { exitCode } = await world.run(['list', 'B', '--output', 'json'], {
    env: { HTTP_PROXY: proxyUrl(), NO_PROXY: '127.0.0.1' },
  })
  expect([exitCode, tunnels]).toEqual([0, []])
})

test.each(['HTTP_PROXY', 'https_proxy'])('refuses a malformed %s without showing its password', async (name) => {
  const addresses = ['http://user:%zzyzx@host', 'http://%zz:zzyzx@host', 'zzyzx:3128']
  for (const address of addresses) {
    const { exitCode, stdout, stderr } = await world.run(['list', 'B'], { env: { [name]: address } })
    expect({ address, exitCode, stdout, tunnels }).toEqual({ address, exitCode: 2, stdout: '', tunnels: [] })
    expect(stderr).toContain('HTTPS_PROXY or HTTP_PROXY is no')
    expect(stderr).not.toContain('zzyzx')
  }
})

test('refuses credentials that do not fit in a header', async () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'half\nzzyzx' }
  const config = world.configWith((text) => text.replaceAll(/^ *credentials:.*\n/gm, ''))
  const { exitCode, stderr } = await world.run(['list', 'B'], { env: { ...keys, CROSSTRAIL_CONFIG: config } })
  expect(exitCode).toBe(1)
  expect(stderr).toContain('"x-amz-security-token" of a request contains a character that HTTP does not allow')
  expect(stderr).toContain('AWS_SESSION_TOKEN')
  expect(stderr).not.toContain('zzyzx')
})
