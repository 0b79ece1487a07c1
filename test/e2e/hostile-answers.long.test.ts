import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { type Interloper, interloper, portOf, proxy, tunnelTo } from './support/interloper.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

let world: LabWorld
let logs: readonly StoredLog[]
let byHand: (log: StoredLog, socket: Socket) => boolean = () => false
let between: Interloper
let tunnel: Awaited<ReturnType<typeof proxy>>

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 400 } })
  logs = storedLogs(world.lab).filter(({ logAccount }) => logAccount === '222222222222')
  between = await interloper(world.lab.endpoint, (line, socket) => {
    const log = logs.find(({ key }) => line.startsWith('GET ') && line.includes(key))
    return log !== undefined && byHand(log, socket)
  })
  tunnel = await proxy(tunnelTo(portOf))
})
afterAll(async () => {
  between.close()
  tunnel.close()
  await world.stop()
})

/** Downloads B's logs from the interloper, directly or through a proxy. */
async function download(way: string, ...args: string[]) {
  const to = world.newPath()
  const env = {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${between.port}`,
    ...(way === 'proxied' && { HTTP_PROXY: `http://127.0.0.1:${tunnel.port}` }),
  }
  const { exitCode, stdout } = await world.run(['download', 'B', '--to', to, '--output', 'json', ...args], { env })
  return { to, exitCode, failed: jsonLines(stdout).filter(({ status }) => status === 'failed') }
}

type Answer = (socket: Socket, log: StoredLog) => void

/** Writes `piece` repeatedly until the other side closes. */
const forEver =
  (first: string, piece: string, everyMs: number): Answer =>
  (socket) => {
    socket.write(first, 'latin1')
    const timer = setInterval(() => socket.write(piece, 'latin1'), everyMs)
    socket.on('close', () => clearInterval(timer))
  }
const once =
  (wire: string): Answer =>
  (socket) =>
    void socket.write(wire, 'latin1')
const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`
const line = `x: ${'a'.repeat(5000)}\r\n`

/** What the server does instead of an answer, and how the object fails. */
const answers: Record<string, readonly [Answer, string]> = {
  nothing: [() => undefined, 'network.stalled'],
  'a close': [(socket) => void socket.end(), 'network.broken'],
  'a reset': [(socket) => void socket.resetAndDestroy(), 'network.broken'],
  'half a head': [(socket) => void socket.end(`${ok}content-le`), 'network.short-answer'],
  'another protocol': [once('SSH-2.0-OpenSSH\r\n'), 'network.broken'],
  'a switch of protocols': [once('HTTP/1.1 101 Switching Protocols\r\n\r\n'), 'network.broken'],
  'two lengths': [once(`${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`), 'network.broken'],
  'a length and chunks': [once(`${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`), 'network.broken'],
  'a negative length': [once(`${ok}content-length: -1\r\n\r\n`), 'network.broken'],
  'a broken chunk': [once(`${chunked}zz\r\n`), 'network.broken'],
  'a body that is cut': [
    (socket, { object }) => void socket.end(`${ok}content-length: ${object.body.length}\r\n\r\nab`),
    'network.short-answer',
  ],
  'a head without end': [forEver(ok, line, 1), 'network.endless-head'],
  'a head that comes slowly': [forEver(`${ok}x: `, 'a', 50), 'network.stalled'],
  '1xx answers without end': [forEver('', 'HTTP/1.1 102 Wait\r\n\r\n', 1), 'network.endless-informational'],
  '1xx answers that come slowly': [forEver('', 'HTTP/1.1 102 Wait\r\n\r\n', 200), 'network.stalled'],
  'trailers without end': [
    (socket, { object: { body } }) => {
      socket.write(`${chunked}${body.length.toString(16)}\r\n`)
      socket.write(body)
      forEver('\r\n0\r\n', line, 1)(socket, logs[0] as StoredLog)
    },
    'network.endless-trailers',
  ],
  'a body that comes slowly': [
    (socket, log) => forEver(`${ok}content-length: ${log.object.body.length}\r\n\r\n`, 'a', 200)(socket, log),
    'network.slow-answer',
  ],
}
const kinds = Object.keys(answers)

describe.each(['direct', 'proxied'])('in a %s download', (way) => {
  let ran: Awaited<ReturnType<typeof download>>
  const victimOf = (kind: string): StoredLog => logs[kinds.indexOf(kind) * 2] as StoredLog

  beforeAll(async () => {
    byHand = (log, socket) => {
      const kind = kinds.find((one) => victimOf(one) === log)
      if (kind === undefined) return false
      answers[kind]?.[0](socket, log)
      return true
    }
    ran = await download(way, '--max-attempts', '2', '--timeout', '1s')
    expect(tunnel.targets.length > 0).toBe(way === 'proxied')
  })

  test.each(kinds)('an answer with %s fails that object within the time of its attempts', (kind) => {
    const failure = ran.failed.find(({ key }) => key === victimOf(kind).key)
    expect(failure).toMatchObject({ code: answers[kind]?.[1] })
  })

  test('wrong answers fail no other object', () => {
    const victims = new Set(kinds.map(victimOf))
    expect([ran.exitCode, ran.failed.length]).toEqual([1, victims.size])
    expect(treeOf(ran.to)).toEqual(mirrorOf(logs.filter((log) => !victims.has(log))))
  })

  test.each<[string, (log: StoredLog) => string]>([
    [
      'of the same length',
      ({ object: { body } }) => `200 OK\r\ncontent-length: ${body.length}\r\n\r\n${'X'.repeat(body.length)}`,
    ],
    ['with another ETag', () => `200 OK\r\netag: "${'0'.repeat(32)}"\r\ncontent-length: 3\r\n\r\nabc`],
    ['that says 404', () => '404 No\r\ncontent-length: 0\r\n\r\n'],
    ['that says 412', () => '412 No\r\ncontent-length: 0\r\n\r\n'],
  ])('an unsolicited answer %s completes no object', async (_, stray) => {
    let count = 0
    byHand = (log, socket) => {
      if (++count % 4 !== 0) return false
      const { body, etag } = log.object
      socket.write(`${ok}etag: "${etag}"\r\ncontent-length: ${body.length}\r\n\r\n`)
      socket.write(body)
      setTimeout(() => socket.write(`HTTP/1.1 ${stray(log)}`, 'latin1'), count % 3)
      return true
    }
    const { to, exitCode, failed } = await download(way, '--concurrency', '4')
    expect({ exitCode, failed }).toEqual({ exitCode: 0, failed: [] })
    expect(treeOf(to)).toEqual(mirrorOf(logs))
  })
})
