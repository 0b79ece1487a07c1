import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { type Interloper, interloper, type OnConnect, proxy, tunnelTo } from './support/interloper.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
/** The lab behind TLS, under an address that only the proxy can reach. */
let secure: Interloper
let certificate: string

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60 } })
  const key = join(world.env['HOME'] ?? '', 'key.pem')
  certificate = join(world.env['HOME'] ?? '', 'cert.pem')
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  const subject = ['-subj', '/CN=lab', '-addext', 'subjectAltName=IP:127.0.0.2']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', certificate, ...subject], {
    stdio: 'ignore',
  })
  secure = await interloper(world.lab.endpoint, () => false, {
    key: readFileSync(key),
    cert: readFileSync(certificate),
  })
})
afterAll(async () => {
  secure.close()
  await world.stop()
})

async function list(onConnect: OnConnect, env: Record<string, string> = {}, address = 'http://127.0.0.1') {
  const server = await proxy(onConnect)
  const begun = performance.now()
  const { exitCode, stdout, stderr } = await world.run(
    ['list', 'B', '--output', 'json', '--max-attempts', '2', '--timeout', '1s'],
    {
      env: {
        AWS_ENDPOINT_URL_S3: 'https://127.0.0.2',
        AWS_CA_BUNDLE: certificate,
        HTTPS_PROXY: `${address}:${server.port}`,
        ...env,
      },
    },
  )
  server.close()
  return { exitCode, stdout, stderr, targets: server.targets, seconds: (performance.now() - begun) / 1000 }
}

const say = (wire: string) => (_: string, socket: Socket) => void socket.write(wire, 'latin1')
const drip = (first: string, piece: string, everyMs: number) => (_: string, socket: Socket) => {
  socket.write(first)
  const timer = setInterval(() => socket.write(piece), everyMs)
  socket.on('close', () => clearInterval(timer))
}

describe('a list through a proxy', () => {
  test('reaches what only the proxy can reach, over TLS, with the user name of its address', async () => {
    let head = ''
    const tunnel = tunnelTo(() => secure.port)
    const { exitCode, stdout, stderr, targets } = await list(
      (target, socket, text) => {
        head = text
        tunnel(target, socket, text)
      },
      {},
      'http://me:pass%3Aword@127.0.0.1',
    )
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(jsonLines(stdout).length).toBeGreaterThan(5)
    expect(new Set(targets)).toEqual(new Set(['127.0.0.2:443']))
    expect(head).toContain(`proxy-authorization: Basic ${Buffer.from('me:pass:word').toString('base64')}\r\n`)
  })

  test.each<[string, OnConnect, string]>([
    ['closes without an answer', (_, socket) => void socket.end(), 'network.broken'],
    ['resets the connection', (_, socket) => void socket.resetAndDestroy(), 'network.broken'],
    ['stays silent', () => undefined, 'network.connect-timeout'],
    ['answers half and closes', (_, socket) => void socket.end('HTTP/1.1 200 Conn'), 'network.broken'],
    ['answers half and stays silent', say('HTTP/1.1 200 Conn'), 'network.connect-timeout'],
    ['answers byte by byte', drip('HTTP/1.1 200 OK\r\nx: ', 'a', 50), 'network.connect-timeout'],
    ['answers without end', drip('HTTP/1.1 200 OK\r\n', `x: ${'a'.repeat(5000)}\r\n`, 1), 'network.proxy-failed'],
    ['sends 1xx answers without end', drip('', 'HTTP/1.1 102 Wait\r\n\r\n', 1), 'network.proxy-failed'],
    ['speaks another protocol', say('SSH-2.0-OpenSSH\r\n'), 'network.proxy-failed'],
    ['sends more than its answer', say('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'), 'network.proxy-failed'],
    [
      'answers with its own error',
      say('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'),
      'network.proxy-failed',
    ],
    ['closes after its answer', (_, socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'), 'network.broken'],
    ['stays silent after its answer', say('HTTP/1.1 200 OK\r\n\r\n'), 'network.connect-timeout'],
    [
      'sends other data than TLS after its answer',
      (_, socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        setTimeout(() => socket.write('HTTP/1.1 400 plain text on a TLS port\r\n\r\n'), 100)
      },
      'network.broken',
    ],
  ])('ends after two attempts if the proxy %s', async (_, onConnect, code) => {
    const { exitCode, stderr, targets, seconds } = await list(onConnect)
    expect(exitCode).toBe(1)
    const error = stderr.split('\n').find((line) => line.startsWith('{'))
    expect(JSON.parse(String(error))).toMatchObject({ error: { code } })
    expect(targets).toEqual(['127.0.0.2:443', '127.0.0.2:443'])
    expect(seconds).toBeLessThan(15)
  })

  test.each([
    [407, /HTTPS_PROXY to http:\/\/user:password@host:port/],
    [403, /allow 127\.0\.0\.2:443 at the proxy/],
  ])('ends at once if the proxy answers %i, with a hint', async (status, hint) => {
    const { exitCode, stderr, targets } = await list(say(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`))
    expect([exitCode, targets.length]).toEqual([1, 1])
    expect(stderr).toContain('network.proxy-refused')
    expect(stderr).toContain(`refused a connection to 127.0.0.2:443 with status ${status}`)
    expect(stderr).toMatch(hint)
  })

  test('sends nothing to a server with another name', async () => {
    const { exitCode, stderr } = await list(
      tunnelTo(() => secure.port),
      {
        AWS_ENDPOINT_URL_S3: 'https://127.0.0.3',
      },
    )
    expect([exitCode, stderr.includes('network.untrusted')]).toEqual([1, true])
  })

  test('names the proxy if nothing listens there', async () => {
    const { stderr } = await list(() => undefined, { HTTPS_PROXY: 'http://127.0.0.1:1' })
    expect(stderr).toContain('the connection to the proxy http://127.0.0.1:1 broke')
  })

  test('refuses an invalid proxy address before any call', async () => {
    const { exitCode, stderr, targets } = await list(() => undefined, { HTTPS_PROXY: 'http://user:%zzword@127.0.0.1' })
    expect([exitCode, targets]).toEqual([2, []])
    expect(stderr).toContain('config.proxy')
    expect(stderr).not.toContain('word@')
  })
})
