import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type CommandResult, jsonLines, type RunningCommand } from '../../e2e/support/crosstrail.ts'
import { prefix, queueName } from '../../../src/fleet/queue/keys.ts'
import { fleetWindow } from './fleet-trail.ts'
import { describeUnless } from '../../describe-unless.ts'
import { missingRedis } from './redis-server.ts'
import { countsOf, type FleetCommand, type FleetWorld, fleetWorld, type LocalRun, runLocally } from './fleet-world.ts'

describeUnless(missingRedis, 'a run on a fleet', () => {
  let world: FleetWorld
  let local: LocalRun
  beforeAll(async () => {
    world = await fleetWorld()
    local = await runLocally(world, 'download')
  })
  afterEach(async () => {
    world.lab.setFaults({})
    await world.endWorkers()
  })
  afterAll(() => world.stop())

  /** Resolves at the first GET. Each takes `latencyMs`. */
  const firstGet = (latencyMs: number) =>
    new Promise<void>((resolve) => {
      world.lab.setFaults({
        hook: ({ operation }) => {
          if (operation !== 'GetObject') return undefined
          resolve()
          return { latencyMs }
        },
      })
    })

  /** The newest run, as another terminal sees it. */
  const newestRun = async () =>
    jsonLines((await world.run(['fleet', 'status', '--fleet', world.redis.url, '--output', 'json'])).stdout)[0]

  /** Resolves when the command has named its run. */
  const hasSubmitted = ({ child }: RunningCommand) =>
    new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (text: string) => {
          if (/\brun\b/.test(text)) resolve()
        })
      }
    })

  /** Puts a file where workers need a folder. The submitter does not need it. */
  function block({ journalDir }: FleetCommand): string {
    mkdirSync(journalDir, { recursive: true })
    const file = join(journalDir, 'tmp')
    writeFileSync(file, '')
    return file
  }

  async function expectDone(command: FleetCommand, result: CommandResult): Promise<void> {
    expect(result.exitCode, result.stderr).toBe(0)
    expect(countsOf(result)).toEqual(local.counts)
    expect(await command.left()).toEqual(local.left)
  }

  test('SIGTERM of a worker hands its slices back at once, and another one ends the run', async () => {
    const first = world.worker()
    const command = world.command('download')
    const started = firstGet(500)
    const run = world.start(command.fleetArgs)
    await started
    first.child.kill('SIGTERM')
    expect((await first.result).exitCode).toBe(143)
    // Nobody must wait for the end of a lock.
    expect(await world.redis.client.llen(`${prefix}:${queueName}:active`)).toBe(0)
    expect(await world.redis.client.llen(`${prefix}:${queueName}:wait`)).toBeGreaterThan(0)
    world.lab.setFaults({})
    world.worker()
    await expectDone(command, await run.result)
  })

  test('SIGINT of the submitter cancels the run and waits for active slices', async () => {
    const worker = world.worker()
    const command = world.command('download')
    const started = firstGet(300)
    const run = world.start(command.fleetArgs)
    await started
    run.child.kill('SIGINT')
    const { exitCode, stderr } = await run.result
    expect(exitCode).toBe(130)
    expect(stderr).toContain('cancel')
    const there = (await command.left()) as Readonly<Record<string, string>>
    await sleep(1_000)
    expect(await command.left()).toEqual(there)
    expect(local.left).toMatchObject(there)
    expect(Object.keys(there).length).toBeLessThan(Object.keys(local.left as object).length)
    expect(worker.child.exitCode).toBeNull()
    world.lab.setFaults({})
    await expectDone(command, await world.run(command.fleetArgs))
  })

  test('a second SIGINT ends the submitter at once, and the run stays cancelled', async () => {
    world.worker()
    const command = world.command('download')
    const started = firstGet(3_500)
    const run = world.start(command.fleetArgs)
    await started
    run.child.kill('SIGINT')
    await sleep(300)
    run.child.kill('SIGINT')
    const signalledMs = performance.now()
    expect((await run.result).exitCode).toBe(130)
    expect(performance.now() - signalledMs).toBeLessThan(1_500)
    world.lab.setFaults({})
    // The lab answers its last requests meanwhile.
    await sleep(3_500)
    const there = (await command.left()) as object
    expect(Object.keys(there).length).toBeLessThan(Object.keys(local.left as object).length)
  })

  test('--detach leaves the run to the workers, and fleet watch ends as the run does', async () => {
    const command = world.command('download')
    const detached = await world.run([...command.fleetArgs, '--detach'])
    expect(detached.exitCode, detached.stderr).toBe(0)
    const [{ run = '' } = {}] = jsonLines(detached.stdout)
    world.worker()
    const watched = await world.run(['fleet', 'watch', String(run), '--fleet', world.redis.url, '--output', 'json'])
    await expectDone(command, watched)
  })

  test('a command that is submitted twice joins the run, and each slice is done once', async () => {
    world.lab.requests.clear()
    const command = world.command('download')
    const runs = [world.start(command.fleetArgs), world.start(command.fleetArgs)]
    // The run must not end before the second command has joined it.
    await Promise.all(runs.map(hasSubmitted))
    world.worker()
    const [first, second] = await Promise.all(runs.map(({ result }) => result))
    await expectDone(command, first as CommandResult)
    await expectDone(command, second as CommandResult)
    expect(world.lab.requests.count('GetObject')).toBe(Object.keys(local.left as object).length)
  })

  test('fleet cancel from another terminal ends the submitter with 1', async () => {
    world.worker()
    const command = world.command('download')
    const started = firstGet(3_000)
    const run = world.start(command.fleetArgs)
    await started
    const { run: id } = (await newestRun()) ?? {}
    const cancelled = await world.run(['fleet', 'cancel', String(id), '--fleet', world.redis.url])
    expect(cancelled.exitCode, cancelled.stderr).toBe(0)
    const { exitCode, stdout } = await run.result
    expect(exitCode).toBe(1)
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'total', state: 'cancelled' })
  })

  test('a slice that throws is tried again and then reported; fleet retry runs it again', async () => {
    const command = world.command('download')
    const blocked = block(command)
    world.worker()
    const { exitCode, stdout } = await world.run(command.fleetArgs)
    expect(exitCode).toBe(1)
    const failed = jsonLines(stdout).filter(({ type }) => type === 'slice-failed')
    expect(failed.length).toBe(jsonLines(stdout).at(-1)?.['slices'])
    expect(failed[0]).toMatchObject({ code: expect.stringMatching(/^disk\./) as string })
    const { run } = (await newestRun()) ?? {}
    rmSync(blocked)
    await expectDone(
      command,
      await world.run(['fleet', 'retry', String(run), '--fleet', world.redis.url, '--output', 'json']),
    )
  })

  test('submitting a run that failed runs it again', async () => {
    const command = world.command('download')
    const blocked = block(command)
    world.worker()
    expect((await world.run(command.fleetArgs)).exitCode).toBe(1)
    rmSync(blocked)
    await expectDone(command, await world.run(command.fleetArgs))
  })

  test('an account that could not be planned is told to whoever joins or watches', async () => {
    const args = [
      'download',
      'C',
      'Z',
      ...fleetWindow,
      '--to',
      world.newPath(),
      '--output',
      'json',
      '--fleet',
      world.redis.url,
    ]
    // C has no credentials here, because its instance is not reached.
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9' }
    const [{ run = '' } = {}] = jsonLines((await world.run([...args, '--detach'], { env })).stdout)
    const joined = world.start(args, { env })
    const watched = world.start(['fleet', 'watch', String(run), '--fleet', world.redis.url])
    world.worker({ env })
    expect((await joined.result).exitCode).toBe(3)
    expect((await watched.result).exitCode).toBe(3)
  })

  test('a Redis that lost the run is an error, and no success', async () => {
    world.worker()
    const command = world.command('download')
    const started = firstGet(300)
    const run = world.start(command.fleetArgs)
    await started
    await world.redis.client.flushall()
    const { exitCode, stderr } = await run.result
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('run')
  })
})
