import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FastServer, fastServerMissing, startFastServer } from '../../scripts/bench/fast-server.ts'
import { realTree, type Tree } from '../../scripts/bench/trees.ts'
import { describeUnless } from '../describe-unless.ts'

describeUnless(fastServerMissing(), "the benchmark's S3 over TLS", () => {
  let below: string
  let tree: Tree
  let server: FastServer
  const sts = createServer((incoming, answer) => answer.end(`STS at ${incoming.headers.host}`))

  beforeAll(async () => {
    below = mkdtempSync(join(tmpdir(), 'crosstrail-bench-server-'))
    const { bodies, logs } = realTree(below, 3)
    tree = { bodies, logs: [...logs].map((log, at) => (at === 0 ? log : { ...log, signature: `5161${at}` })) }
    await once(sts.listen(0, '127.0.0.1'), 'listening')
    const tlsWithSts = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`
    const publicKeys = '{"PublicKeyList":[]}'
    server = await startFastServer({ ...tree, below, bucket: 'logs', latencyMs: 0, tlsWithSts, publicKeys })
  })

  afterAll(async () => {
    await server.stop()
    sts.close()
    rmSync(below, { recursive: true, force: true })
  })

  const authority = () => readFileSync(server.tls?.authorityFile ?? '', 'utf8')

  async function get(url: string, method = 'GET') {
    const call = request(url, { method, ca: authority(), agent: false }).end()
    const [answer] = (await once(call, 'response')) as [import('node:http').IncomingMessage]
    const { etag, 'x-amz-meta-signature': signature } = answer.headers
    return { status: answer.statusCode, etag, signature, body: await text(answer) }
  }

  test('answers a GET with the ETag of the listing', async () => {
    const [log] = [...tree.logs]
    expect(await get(`${server.endpoint}/logs/${log?.key}`)).toMatchObject({ status: 200, etag: `"${log?.md5}"` })
    expect((await get(`${server.endpoint}/logs?list-type=2`)).body).toContain(`<Key>${log?.key}</Key>`)
  })

  test('answers a GET of a digest with its signature, and of a log without one', async () => {
    const found = await Promise.all([...tree.logs].map(({ key }) => get(`${server.endpoint}/logs/${key}`)))
    expect(found.map(({ signature }) => signature)).toEqual([undefined, '51611', '51612'])
  })

  test('answers ListPublicKeys', async () => {
    expect(await get(`${server.endpoint}/`, 'POST')).toMatchObject({ status: 200, body: '{"PublicKeyList":[]}' })
  })

  test.each([['AWSLogs'], ['AWSLogs/'], ['nothing']])('answers 404 for %s, which is not a key', async (path) => {
    expect(await get(`${server.endpoint}/logs/${path}`)).toMatchObject({ status: 404 })
  })

  test('forwards STS calls with the host that the client signed', async () => {
    const { stsEndpoint = '' } = server.tls ?? {}
    expect((await get(stsEndpoint)).body).toBe(`STS at ${new URL(stsEndpoint).host}`)
  })

  test('speaks TLS 1.3 and resumes sessions', async () => {
    const open = async (session?: Buffer): Promise<TLSSocket> => {
      const { hostname: host, port } = new URL(server.endpoint)
      const socket = connect({ host, port: Number(port), ca: authority(), ...(session !== undefined && { session }) })
      await once(socket, 'secureConnect')
      return socket
    }
    const first = await open()
    const [session] = (await once(first, 'session')) as [Buffer]
    const second = await open(session)
    expect([first.getProtocol(), first.isSessionReused(), second.isSessionReused()]).toEqual(['TLSv1.3', false, true])
    first.destroy()
    second.destroy()
  })
})

describeUnless(fastServerMissing(), "the benchmark's S3 that refuses half of all calls", () => {
  let below: string
  let tree: Tree
  let server: FastServer

  beforeAll(async () => {
    below = mkdtempSync(join(tmpdir(), 'crosstrail-bench-server-'))
    const { bodies, logs } = realTree(below, 3)
    tree = { bodies, logs: [...logs].map((log, at) => (at === 0 ? log : { ...log, signature: `5161${at}` })) }
    server = await startFastServer({ ...tree, below, bucket: 'logs', latencyMs: 0, refusedShare: 0.5 })
  })

  afterAll(async () => {
    await server.stop()
    rmSync(below, { recursive: true, force: true })
  })

  test.each(['GET', 'LIST'])('answers 503 SlowDown to about half of the %s calls', async (call) => {
    const [log] = [...tree.logs]
    const path = call === 'GET' ? `/${log?.key}` : '?list-type=2'
    const refusals: string[] = []
    for (let count = 0; count < 100; count++) {
      const answer = await fetch(`${server.endpoint}/logs${path}`)
      const body = await answer.text()
      expect([200, 503]).toContain(answer.status)
      if (answer.status === 503) refusals.push(body)
    }
    // Six standard deviations on each side of 50.
    expect(refusals.length).toBeGreaterThan(20)
    expect(refusals.length).toBeLessThan(80)
    for (const body of refusals) expect(body).toContain('<Code>SlowDown</Code>')
  })
})
