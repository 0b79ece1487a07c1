import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeUnless } from '../../describe-unless.ts'
import { archive, type CopyWorld, copyWorld } from '../../e2e/support/copy-world.ts'
import { jsonLines, type RunningCommand } from '../../e2e/support/crosstrail.ts'
import { oldWindow } from '../../e2e/support/delete-world.ts'
import { missingRedis, type RedisServer, startRedis } from './redis-server.ts'

const password = 'correct-horse-battery-staple'

describeUnless(missingRedis, 'the commands of a queue', () => {
  let world: CopyWorld
  let server: RedisServer
  let env: Readonly<Record<string, string>>

  beforeAll(async () => {
    world = await copyWorld({ sample: { objects: 120, window: oldWindow } })
    server = await startRedis({ password })
    env = { CROSSTRAIL_FLEET: server.url, CROSSTRAIL_FLEET_PASSWORD: password }
  })
  afterAll(async () => {
    await server.stop()
    await world.stop()
  })
  beforeEach(() => server.client.flushall())

  const window = ['--from', '2025-01-01', '--until', '2025-02-01']
  const copy = (...more: string[]) => ['copy', 'Z', ...window, '--to', archive, ...more]
  const run = (...args: string[]) => world.run(args, { env })
  const worker = (...more: string[]): RunningCommand => world.start(['worker', ...more], { env })

  async function stop({ child, result }: RunningCommand) {
    child.kill('SIGTERM')
    return result
  }

  async function heard({ child }: RunningCommand, text: string): Promise<void> {
    let all = ''
    child.stderr?.on('data', (some: string) => (all += some))
    while (!all.includes(text)) if (child.stderr !== null) await once(child.stderr, 'data')
  }

  test('two workers copy what a local run would, and the submitter ends like it', async () => {
    const local = await world.run(copy('--dry-run', '--output', 'json'))
    const expected = jsonLines(local.stdout).length
    const workers = [worker('--verbose'), worker('--slices', '2')]
    const { exitCode, stdout, stderr } = await run(...copy('--output', 'json'))
    const ended = await Promise.all(workers.map(stop))
    expect(stderr).toMatch(/^run [0-9a-f]{16}: submitted \d+ slices$/m)
    expect(exitCode).toBe(0)
    const lines = jsonLines(stdout)
    expect(lines.at(-1)).toMatchObject({ type: 'total', verb: 'copy', state: 'finished', done: expected, failed: 0 })
    expect(lines.slice(0, -1).reduce((sum, line) => sum + Number(line['done']), 0)).toBe(expected)
    expect(world.archive.keys()).toHaveLength(expected)
    expect(ended.map((one) => one.exitCode)).toEqual([143, 143])
    expect(ended[0]?.stderr).toMatch(/events of Z.*\d+ done, 0 skipped, 0 failed in/)
    expect(`${stderr}${ended.map((one) => one.stderr).join('')}`).not.toContain(password)

    const folder = join(world.env['HOME'] ?? '', '.local/state/crosstrail')
    expect(readdirSync(folder).filter((name) => /^fleet-copy-.*\.ndjson$/.test(name))).toHaveLength(1)
  })

  test('a run is left to the workers with --detach, and watched, drained and forgotten', async () => {
    const detached = await run(...copy('--detach', '--overwrite'))
    const runId = detached.stdout.trim()
    expect(detached).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^[0-9a-f]{16}\n$/) })
    const listed = await run('fleet', 'status', '--output', 'json')
    expect(jsonLines(listed.stdout)).toMatchObject([
      { run: runId, verb: 'copy', state: 'running', to: archive, ended: 0 },
    ])

    const drained = await worker('--drain').result
    expect(drained.exitCode).toBe(0)
    const watched = await run('fleet', 'watch', runId)
    expect(watched.exitCode).toBe(0)
    expect(watched.stdout).toMatch(/^total +finished/m)
    expect((await run('fleet', 'status')).stderr).toContain('there are no runs')
  })

  test('Ctrl-C cancels the run, and another terminal sees it', async () => {
    const running = world.start(copy('--journal-dir', world.newPath(), '--tag', 'x=y'), { env })
    await heard(running, 'submitted')
    running.child.kill('SIGINT')
    const { exitCode, stderr } = await running.result
    expect(exitCode).toBe(130)
    expect(stderr).toContain('cancelling the run')
    const [status] = jsonLines((await run('fleet', 'status', '--output', 'json')).stdout)
    expect(status).toMatchObject({ state: 'cancelled' })
    const runId = String(status?.['run'])
    const again = await run('fleet', 'retry', runId, '--detach')
    expect(again).toMatchObject({ exitCode: 0, stdout: `${runId}\n` })
    const cancelled = await run('fleet', 'cancel', runId)
    expect(cancelled).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('is cancelled') })
  })

  test('a worker serves its metrics', async () => {
    const serving = worker('--listen', '0')
    await heard(serving, 'taking slices')
    await stop(serving)
    expect((await serving.result).stderr).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/m)
  })

  test.each([
    ['status', []],
    ['watch', ['0123456789abcdef']],
  ])('a wrong password ends fleet %s with 3', async (action, more) => {
    const wrong = { ...env, CROSSTRAIL_FLEET_PASSWORD: 'wrong-password-of-test' }
    const { exitCode, stderr } = await world.run(['fleet', action, ...more], { env: wrong })
    expect(exitCode).toBe(3)
    expect(stderr).not.toContain('wrong-password-of-test')
    expect(stderr).toContain('CROSSTRAIL_FLEET_PASSWORD')
  })

  test.each(['watch', 'cancel', 'retry', 'status'])('fleet %s of an unknown run ends with 2', async (action) => {
    const { exitCode, stderr } = await run('fleet', action, '0123456789abcdef')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('there is no run 0123456789abcdef')
  })
})
