import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { type Fleet, openFleet, type FleetOptions } from '../../../src/fleet/queue/fleet.ts'
import type { FleetEvent } from '../../../src/fleet/queue/report.ts'
import { serveWorker } from '../../../src/fleet/worker/serve-worker.ts'
import { describeUnless } from '../../describe-unless.ts'
import { fakeExecutor, planned, requestTo, slicesOf, trail } from './fake-slices.ts'
import { missingRedis, type RedisServer, type RedisServerOptions, startRedis } from './redis-server.ts'

const password = 'a-password-that-must-not-be-shown'

describeUnless(missingRedis, 'the Redis of a fleet', () => {
  const closing: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  })

  async function redis(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await startRedis(options)
    closing.push(() => server.stop())
    return server
  }

  async function open(options: Partial<FleetOptions> & { readonly url: string }): Promise<Fleet> {
    const fleet = await openFleet({ env: {}, connectMs: 3_000, ...options })
    closing.push(() => fleet.close())
    return fleet
  }

  /** Runs three slices, and watches them. */
  async function runOn(url: string, env: FleetOptions['env']) {
    const [fleet, own] = [await open({ url, env }), await open({ url, env })]
    const { runId } = await fleet.submit(requestTo('s3://a'), () => Promise.resolve(planned(slicesOf(3))), { trail })
    const worker = serveWorker({
      fleet: own,
      appOptions: {},
      slicesAtATime: 2,
      drain: true,
      allowTo: [],
      journalDir: undefined,
      listener: () => undefined,
      signal: new AbortController().signal,
      openExecutor: (name) => Promise.resolve(fakeExecutor(name)),
    })
    const report = await fleet.watch(runId, { pollMs: 50 })
    await worker
    return report
  }

  it('may need a password', async () => {
    const { url } = await redis({ password })
    expect(await runOn(url, { CROSSTRAIL_FLEET_PASSWORD: password })).toMatchObject({ state: 'finished', ended: 3 })
  })

  it.each([
    ['no password', {}],
    ['a wrong one', { CROSSTRAIL_FLEET_PASSWORD: `${password}-wrong` }],
  ])('refuses %s at once, and no password is shown', async (_, env) => {
    const { url } = await redis({ password })
    const startedAt = performance.now()
    const error: unknown = await open({ url, env }).catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'fleet.refused' })
    expect(performance.now() - startedAt).toBeLessThan(2_500)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(password)
  })

  it('may have a user with few rights', async () => {
    const user = `worker on >${password} ~crosstrail:* +@all -@dangerous +info`
    const { url } = await redis({ users: [user], password: 'of-the-default-user' })
    const named = url.replace('://', '://worker@')
    expect(await runOn(named, { CROSSTRAIL_FLEET_PASSWORD: password })).toMatchObject({ state: 'finished', ended: 3 })
  })

  it('says which rules a user lacks', async () => {
    const user = `worker on >${password} ~crosstrail:* +@all -@dangerous`
    const { url } = await redis({ users: [user], password: 'of-the-default-user' })
    const opened = open({ url: url.replace('://', '://worker@'), env: { CROSSTRAIL_FLEET_PASSWORD: password } })
    await expect(opened).rejects.toMatchObject({
      code: 'fleet.refused',
      hint: expect.stringContaining('+info') as string,
    })
  })

  it('must not drop keys when its memory is full', async () => {
    const { url } = await redis({ policy: 'allkeys-lru' })
    await expect(open({ url })).rejects.toMatchObject({
      code: 'fleet.unsuitable',
      message: expect.stringContaining('allkeys-lru') as string,
      hint: expect.stringContaining('redis-cli CONFIG SET maxmemory-policy noeviction') as string,
    })
  })

  it('that is full does not lead to a success', async () => {
    const server = await redis()
    const fleet = await open({ url: server.url })
    await server.client.config('SET', 'maxmemory', '1mb')
    const submitted = fleet.submit(requestTo('s3://a'), () => Promise.resolve(planned(slicesOf(3))), { trail })
    await expect(submitted).rejects.toMatchObject({ code: 'fleet.full' })
  })

  it('that is down is tried for a while, and then an error', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    const startedAt = performance.now()
    const opened = open({ url: `redis://127.0.0.1:${port}`, connectMs: 1_000 })
    await expect(opened).rejects.toMatchObject({
      code: 'fleet.unreachable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    })
    expect(performance.now() - startedAt).toBeGreaterThan(900)
  })

  it('that is something else is an error', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const opened = open({ url: `redis://127.0.0.1:${port}`, connectMs: 1_000 })
    await expect(opened).rejects.toMatchObject({ code: 'fleet.unreachable' })
  })

  it('connecting ends with a signal', async () => {
    const stop = new AbortController()
    const opened = open({ url: 'redis://127.0.0.1:1', signal: stop.signal })
    stop.abort()
    await expect(opened).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('may restart: watchers and workers hear of it, and the run ends', async () => {
    const server = await redis({ aof: true })
    const events: FleetEvent[] = []
    const fleet = await open({ url: server.url, listener: (event) => events.push(event) })
    const own = await open({ url: server.url })
    const { runId } = await fleet.submit(requestTo('s3://a'), () => Promise.resolve(planned(slicesOf(40))), { trail })
    const stop = new AbortController()
    const worker = serveWorker({
      fleet: own,
      appOptions: {},
      slicesAtATime: 2,
      drain: false,
      allowTo: [],
      journalDir: undefined,
      listener: () => undefined,
      signal: stop.signal,
      openExecutor: (name) =>
        Promise.resolve(fakeExecutor(name, () => new Promise((resolve) => setTimeout(resolve, 100, {})))),
    })
    const watched = fleet.watch(runId, { pollMs: 50 })
    await expect.poll(async () => (await fleet.status(runId))[0]?.ended).toBeGreaterThan(4)
    await server.restart(500)
    expect(await watched).toMatchObject({ state: 'finished', ended: 40, bad: 0, total: { done: 400 } })
    const codes = events.flatMap((event) => (event.type === 'note' ? [event.code] : []))
    expect(codes).toEqual(['fleet.unreachable', 'fleet.reached'])
    stop.abort()
    await worker
  })

  it('that stays away ends a watcher and a worker with an error', async () => {
    const server = await startRedis()
    const [fleet, own] = [
      await open({ url: server.url, patienceMs: 1_000 }),
      await open({ url: server.url, patienceMs: 1_000 }),
    ]
    const { runId } = await fleet.submit(requestTo('s3://a'), () => Promise.resolve(planned(slicesOf(4))), { trail })
    const worker = serveWorker({
      fleet: own,
      appOptions: {},
      slicesAtATime: 2,
      drain: false,
      allowTo: [],
      journalDir: undefined,
      listener: () => undefined,
      signal: new AbortController().signal,
      openExecutor: (name) =>
        Promise.resolve(fakeExecutor(name, () => new Promise((resolve) => setTimeout(resolve, 300, {})))),
    })
    const ends = Promise.allSettled([fleet.watch(runId, { pollMs: 50 }), worker])
    await server.stop()
    expect(await ends).toMatchObject([
      { status: 'rejected', reason: { code: 'fleet.unreachable' } },
      { status: 'rejected', reason: { code: 'fleet.unreachable' } },
    ])
  })

  it('may use TLS with a certificate of its own authority, which NODE_EXTRA_CA_CERTS names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crosstrail-ca-'))
    closing.push(() => rmSync(folder, { recursive: true }))
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
    execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject], { stdio: 'ignore' })
    const { url } = await redis({ tls: { certFile, keyFile }, password })
    const script = join(folder, 'open.mjs')
    const module = join(import.meta.dirname, '../../../dist/fleet/queue/fleet.js')
    writeFileSync(
      script,
      `import { openFleet } from ${JSON.stringify(module)}
      const fleet = await openFleet({ url: ${JSON.stringify(url)}, env: process.env, connectMs: 2000 }).catch((error) => {
        console.log(error.code, error.message)
        process.exit()
      })
      console.log('open', (await fleet.status()).length)
      fleet.close()`,
    )
    const run = (env: Readonly<Record<string, string>>) =>
      execFileSync(process.execPath, [script], {
        env: { PATH: process.env['PATH'], CROSSTRAIL_FLEET_PASSWORD: password, ...env },
        encoding: 'utf8',
      })
    expect(run({ NODE_EXTRA_CA_CERTS: certFile })).toBe('open 0\n')
    const refused = run({})
    expect(refused).toMatch(/^fleet\.untrusted .*DEPTH_ZERO_SELF_SIGNED_CERT/)
    expect(refused).not.toContain(password)
  })
})
