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

  test('a worker serves its metrics', async () => {
    const serving = worker('--listen', '0')
    await heard(serving, 'taking slices')
    await stop(serving)
    expect((await serving.result).stderr).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/m)
  })

  test('a wrong password ends a command with 3, and is not shown', async () => {
    const wrong = { ...env, CROSSTRAIL_FLEET_PASSWORD: 'wrong-password-of-test' }
    const { exitCode, stderr } = await world.run(['fleet', 'status'], { env: wrong })
    expect(exitCode).toBe(3)
    expect(stderr).not.toContain('wrong-password-of-test')
    expect(stderr).toContain('CROSSTRAIL_FLEET_PASSWORD')
  })

  test('an unknown run ends a command with 2', async () => {
    const { exitCode, stderr } = await run('fleet', 'watch', '0123456789abcdef')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('there is no run 0123456789abcdef')
  })
})
