import { expect, test } from 'vitest'
import type { FleetVerb } from '../../../src/fleet/format.ts'
import type { CommandResult } from '../../e2e/support/crosstrail.ts'
import { describeUnless } from '../../describe-unless.ts'
import { missingRedis } from './redis-server.ts'
import { countsOf, failuresOf, type FleetWorld, fleetWorld, runLocally } from './fleet-world.ts'
import { StallingProxy } from './stalling-proxy.ts'

/** How long a slice of a dead worker may wait for another one. */
const takeoverMs = 30_000

/** A world for each test, so that they can wait at the same time. */
async function inWorld(act: (world: FleetWorld) => Promise<void>, aof = false): Promise<void> {
  const world = await fleetWorld({ aof })
  try {
    await act(world)
  } finally {
    await world.stop()
  }
}

/** Resolves when that many logs were requested since the call. From then on, each call takes `latencyMs`. */
function requested(world: FleetWorld, count: number, latencyMs: number): Promise<void> {
  let seen = 0
  return new Promise((resolve) => {
    world.lab.setFaults({
      hook: ({ operation }) => {
        if (operation === 'GetObject' || operation === 'CopyObject') seen++
        if (seen === count) resolve()
        return seen < count ? undefined : { latencyMs }
      },
    })
  })
}

async function expectAsLocal(world: FleetWorld, verb: FleetVerb, result: CommandResult, left: unknown): Promise<void> {
  world.lab.setFaults({})
  const local = await runLocally(world, verb)
  expect(result.exitCode, result.stderr).toBe(local.exitCode)
  expect(countsOf(result)).toEqual(local.counts)
  expect(failuresOf(result)).toEqual(local.lines)
  expect(left).toEqual(local.left)
}

describeUnless(missingRedis, 'the deaths of a worker', () => {
  test.concurrent('SIGKILL: within 30 s another worker does its slices', () =>
    inWorld(async (world) => {
      const first = world.worker()
      const command = world.command('download')
      const held = new Set<string>()
      const slow = new Promise<void>((resolve) => {
        world.lab.setFaults({
          hook: ({ operation, key }) => {
            if (operation !== 'GetObject') return undefined
            held.add(key)
            if (held.size === 5) resolve()
            return { latencyMs: 60_000 }
          },
        })
      })
      const run = world.start(command.fleetArgs)
      await slow
      let gets = 0
      let takenOverMs = 0
      world.lab.setFaults({
        hook: ({ operation, key }) => {
          if (operation === 'GetObject') gets++
          if (held.has(key)) takenOverMs ||= performance.now()
          return undefined
        },
      })
      world.worker()
      await expect.poll(() => gets).toBeGreaterThan(10)
      first.child.kill('SIGKILL')
      const killedMs = performance.now()
      const result = await run.result
      expect(takenOverMs).toBeGreaterThan(killedMs)
      expect(takenOverMs - killedMs).toBeLessThan(takeoverMs)
      await expectAsLocal(world, 'download', result, await command.left())
    }))

  test.concurrent('Redis restarts in the middle: the run goes on', () =>
    inWorld(async (world) => {
      const command = world.command('copy')
      const slow = requested(world, 30, 100)
      world.worker()
      world.worker()
      const run = world.start(command.fleetArgs)
      await slow
      await world.redis.restart()
      const result = await run.result
      await expectAsLocal(world, 'copy', result, await command.left())
    }, true))

  test.concurrent('Redis is unreachable for longer than a lock: the run goes on', () =>
    inWorld(async (world) => {
      const proxy = await StallingProxy.start(world.redis.port)
      const url = `redis://127.0.0.1:${proxy.port}`
      try {
        const command = world.command('verify')
        const slow = requested(world, 30, 100)
        world.worker({ url })
        world.worker({ url })
        const run = world.start([...command.args, '--fleet', url])
        await slow
        proxy.refuse()
        await new Promise((resolve) => setTimeout(resolve, 15_000))
        proxy.accept()
        const result = await run.result
        await expectAsLocal(world, 'verify', result, await command.left())
      } finally {
        await proxy.stop()
      }
    }))

  test.concurrent.each(['download', 'events'] as const)(
    'a partition with both sides alive: %s does a slice twice, and counts it once',
    (verb) =>
      inWorld(async (world) => {
        const proxy = await StallingProxy.start(world.redis.port)
        try {
          const cutOff = world.worker({ url: `redis://127.0.0.1:${proxy.port}`, args: ['--slices', '1'] })
          const command = world.command(verb)
          const slow = requested(world, 5, 3_000)
          const run = world.start(command.fleetArgs)
          await slow
          proxy.stall()
          world.worker()
          const result = await run.result
          // The first worker ends its slice, and reports it after the run has ended.
          proxy.resume()
          await new Promise((resolve) => setTimeout(resolve, 5_000))
          expect(cutOff.child.exitCode).toBeNull()
          await expectAsLocal(world, verb, result, await command.left())
          expect(await keptKeys(world)).toEqual([])
          // It takes slices again.
          await world.endWorkers(cutOff)
          const again = world.command('copy')
          await expectAsLocal(world, 'copy', await world.run(again.fleetArgs), await again.left())
        } finally {
          await proxy.stop()
        }
      }),
  )
})

/** The keys of runs that would stay in Redis. Those of a run that has ended go after a minute. */
async function keptKeys({ redis: { client } }: FleetWorld): Promise<string[]> {
  const keys = await client.keys('crosstrail:run:*')
  const lives = await Promise.all(keys.map((key) => client.pttl(key)))
  return keys.filter((_, index) => lives[index] === -1)
}
