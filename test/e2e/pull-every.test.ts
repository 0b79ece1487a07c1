import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { labRoles } from '../../src/lab/fixture.ts'
import { jsonLines, type RunningCommand } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
beforeAll(async () => {
  world = await labWorld({ sample: { objects: 30, foreign: false } })
})
afterAll(() => world.stop())

const started: RunningCommand[] = []
afterEach(() => {
  // A process that a failed test leaves behind would never end
  for (const { child } of started.splice(0)) child.kill('SIGKILL')
})

function startPulling(own: LabWorld, args: readonly string[]): RunningCommand {
  const running = own.start(args)
  started.push(running)
  return running
}

const since = ['--since', '2026-10-31', '--sweep', '0d']

async function textUntil({ child }: RunningCommand, wanted: RegExp): Promise<string> {
  let text = ''
  while (!wanted.test(text)) {
    const [chunk] = (await once(child.stderr ?? child, 'data')) as [string]
    text += chunk
  }
  return text
}

async function valueOf(url: string, metric: string): Promise<number | undefined> {
  const page = await (await fetch(`${url}/metrics`)).text()
  const values = page.split('\n').filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
  return values.length === 0
    ? undefined
    : values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

/** Another log in the minute of a stream's newest, with a key that sorts before it. */
function deliverBesideNewest(): void {
  const bucket = world.lab.bucket()
  const keys = bucket.keys().sort()
  const [first = ''] = keys
  const newest = keys.findLast((key) => key.startsWith(first.replace(/\d{4}\/\d{2}\/\d{2}\/[^/]+$/, ''))) ?? ''
  bucket.put(newest.replace(/_[^_]+$/, '_0000000000000000.json.gz'), bucket.get(newest)?.body ?? '')
}

test('a running pull has metrics, takes new logs and ends in order', async () => {
  const to = world.newPath()
  const running = startPulling(world, ['pull', 'Z', '--to', to, ...since, '--every', '1s', '--listen', '0'])
  const said = await textUntil(running, /^pulled 30 logs/m)
  const url = /listening on (http:\S+)/.exec(said)?.[1] ?? ''
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n')
  expect(await valueOf(url, 'crosstrail_pull_objects_total')).toBe(30)
  expect(await valueOf(url, 'crosstrail_session_expiry_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000)

  deliverBesideNewest()
  await textUntil(running, /^pulled 1 logs/m)
  expect(await valueOf(url, 'crosstrail_pull_objects_total')).toBe(31)

  running.child.kill('SIGTERM')
  expect((await running.result).exitCode).toBe(143)
  const status = await world.run(['pull', 'status', '--to', to, '--output', 'json'])
  expect(jsonLines(status.stdout).reduce((sum, { objects }) => sum + Number(objects), 0)).toBe(31)
})

test('each pull opens its own sessions, so revoked sessions do not matter', async () => {
  const running = startPulling(world, ['pull', 'Z', '--to', world.newPath(), ...since, '--every', '1s'])
  await textUntil(running, /^pulled 30|^pulled 31/m)
  world.lab.revokeSessions(labRoles.Z)
  const said = await textUntil(running, /^pulled 0 logs.*$/m)
  running.child.kill('SIGTERM')
  expect((await running.result).exitCode).toBe(143)
  expect(said).not.toMatch(/failed|cannot/)
})

test('without the server pulls and /healthz fail, and the process keeps running', async () => {
  const own = await labWorld({ sample: { objects: 5, foreign: false } })
  const args = ['pull', 'Z', '--to', own.newPath(), ...since, '--every', '1s', '--listen', '0', '--max-attempts', '1']
  const running = startPulling(own, args)
  const said = await textUntil(running, /^pulled 5 logs/m)
  const url = /listening on (http:\S+)/.exec(said)?.[1] ?? ''
  await own.lab.stop()
  for (let status = 200; status !== 503; status = (await fetch(`${url}/healthz`)).status) await sleep(300)
  expect(await (await fetch(`${url}/healthz`)).text()).toMatch(/^\d+ pulls in a row failed, the last with network\./)
  expect((await fetch(`${url}/livez`)).status).toBe(200)
  running.child.kill('SIGINT')
  expect((await running.result).exitCode).toBe(130)
})
