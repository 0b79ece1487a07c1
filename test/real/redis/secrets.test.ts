import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CrosstrailApp } from '../../../src/app/crosstrail.ts'
import { openApp } from '../../../src/app/open-crosstrail.ts'
import type { FleetRequest } from '../../../src/fleet/format.ts'
import { planFleet } from '../../../src/fleet/plan-run.ts'
import { type Fleet, openFleet } from '../../../src/fleet/queue/fleet.ts'
import { serveWorker } from '../../../src/fleet/worker/serve-worker.ts'
import { startSliceThread } from '../../../src/fleet/worker/start-slice-thread.ts'
import { labExternalId } from '../../../src/lab/fixture.ts'
import { everything } from '../../../src/work/selection.ts'
import { describeUnless } from '../../describe-unless.ts'
import { type LabWorld, labWorld } from '../../e2e/support/lab-world.ts'
import { missingRedis, type RedisServer, startRedis } from './redis-server.ts'

const password = 'a-password-that-must-not-be-shown'

describeUnless(missingRedis, 'the keys and values in Redis', () => {
  let server: RedisServer
  let world: LabWorld
  let app: CrosstrailApp
  let fleet: Fleet

  beforeAll(async () => {
    server = await startRedis({ password })
    world = await labWorld({ sample: { objects: 60, foreign: false } })
    for (const [name, value] of Object.entries(world.env)) vi.stubEnv(name, value)
    vi.stubEnv('CROSSTRAIL_FLEET_PASSWORD', password)
    app = await openApp({ env: process.env })
    fleet = await openFleet({ url: server.url, env: process.env })
  })
  afterAll(async () => {
    fleet.close()
    await app.close()
    await server.stop()
    await world.stop()
    vi.unstubAllEnvs()
  })

  const request = (to: string): FleetRequest => ({
    verb: 'download',
    options: { to },
    selection: {
      ...everything,
      accounts: ['Z'],
      regions: ['us-east-1'],
      kinds: ['events'],
      window: { fromMs: Date.UTC(2020, 0, 1), toMs: Date.UTC(2026, 10, 20) },
    },
  })

  const worker = async () => {
    const entry = new URL('../../../dist/command/slice-thread.js', import.meta.url)
    const journalDir = world.newPath()
    return serveWorker({
      fleet,
      appOptions: {},
      slicesAtATime: 4,
      drain: true,
      allowTo: [],
      journalDir,
      listener: () => undefined,
      signal: new AbortController().signal,
      openExecutor: (name) =>
        startSliceThread(
          {
            worker: name,
            journalDir,
            appOptions: {},
          },
          () => undefined,
          entry,
        ),
    })
  }

  it('hold no secret, before, during and after a run, and if slices fail', async () => {
    const folder = world.newPath()
    // The workers need a folder of this name.
    const blocked = world.newPath()
    mkdirSync(join(blocked, '.crosstrail'), { recursive: true })
    writeFileSync(join(blocked, '.crosstrail/tmp'), '')
    const texts: string[] = []
    for (const to of [folder, blocked]) {
      const asked = request(to)
      const plan = () => planFleet(app, asked, () => undefined)
      const { runId, slices } = await fleet.submit(asked, plan, { trail: app.config.trail, submitter: 'host' })
      expect(slices).toBeGreaterThan(0)
      texts.push(await dump(server))
      const { bad } = await worker()
      expect(bad).toBe(to === folder ? 0 : slices)
      texts.push(await dump(server))
      const report = await fleet.watch(runId)
      expect(report.ended).toBe(slices)
      texts.push(await dump(server), JSON.stringify(report))
    }
    const { bAudit, zAudit } = world.lab.principals
    const secrets = [labExternalId, password, bAudit.secretAccessKey, zAudit.secretAccessKey, zAudit.accessKeyId]
    const issued = world.lab.issuedSecrets()
    expect(issued.length).toBeGreaterThan(1)
    expect(texts.join('\n')).toContain('us-east-1')
    for (const secret of [...secrets, ...issued]) expect(texts.join('\n').includes(secret)).toBe(false)
    expect(texts.join('\n')).not.toMatch(/A[SK]IA[A-Z0-9]{12}/)
  })
})

/** All keys and values, as text. */
async function dump({ client }: RedisServer): Promise<string> {
  const texts: unknown[] = []
  for (const key of await client.keys('*')) {
    const type = await client.type(key)
    if (type === 'string') texts.push(key, await client.get(key))
    else if (type === 'hash') texts.push(key, await client.hgetall(key))
    else if (type === 'list') texts.push(key, await client.lrange(key, 0, -1))
    else if (type === 'set') texts.push(key, await client.smembers(key))
    else if (type === 'zset') texts.push(key, await client.zrange(key, '0', '-1'))
    else if (type === 'stream') texts.push(key, await client.xrange(key, '-', '+'))
    else throw new Error(`${key} has type ${type}`)
  }
  return JSON.stringify(texts)
}
