import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetVerb } from '../../../src/fleet/format.ts'
import { workersKey } from '../../../src/fleet/queue/keys.ts'
import { countsOf, failuresOf, type FleetWorld, type LocalRun, type Worker } from './fleet-world.ts'

const workerCount = 3

export interface KilledRun {
  readonly verb: FleetVerb
  readonly seconds: number
  readonly exitCode: number | null
  readonly counts: unknown
  readonly lines: readonly string[]
  readonly left: unknown
  readonly stderr: string
}

export interface Kills {
  readonly everyMs: number
  /** Called with the number of kills so far. */
  readonly onKill?: (kills: number) => void
}

/** Runs verbs at the same time with three workers, one of which is killed and replaced again and again. */
export async function runWithKills(
  world: FleetWorld,
  verbs: readonly FleetVerb[],
  { everyMs, onKill }: Kills,
): Promise<readonly KilledRun[]> {
  const workers = Array.from({ length: workerCount }, () => world.worker())
  await Promise.all(workers.map((worker) => takesSlices(world, worker)))
  const startedMs = performance.now()
  let isOver = false
  const runs = Promise.all(
    verbs.map(async (verb): Promise<KilledRun> => {
      const command = world.command(verb)
      const result = await world.run(command.fleetArgs)
      const seconds = (performance.now() - startedMs) / 1000
      const { exitCode, stderr } = result
      if (result.stdout === '') throw new Error(`${verb} ended with ${exitCode}: ${stderr}`)
      const said = { counts: countsOf(result), lines: failuresOf(result), left: await command.left() }
      return { verb, seconds, exitCode, stderr, ...said }
    }),
  ).finally(() => (isOver = true))
  let kills = 0
  const killing = async () => {
    for (;;) {
      await Promise.race([sleep(everyMs), runs])
      if (isOver) return
      workers.shift()?.child.kill('SIGKILL')
      const next = world.worker()
      workers.push(next)
      onKill?.(++kills)
      // On a busy machine, workers that are killed while they start would get nothing done.
      await Promise.race([takesSlices(world, next), runs])
    }
  }
  try {
    const [found] = await Promise.all([runs, killing()])
    return found
  } finally {
    await world.endWorkers()
  }
}

/** Resolves when a worker has told Redis of itself. */
async function takesSlices({ redis: { client } }: FleetWorld, { child }: Worker): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    if ((await client.smembers(workersKey)).some((name) => name.includes(`-${child.pid}-`))) return
    await sleep(100)
  }
}

/** What a run did otherwise than the local run, as a line for each difference. */
export function differences(run: KilledRun, local: LocalRun): string[] {
  const parts = ['exitCode', 'counts', 'lines', 'left'] as const
  return parts.flatMap((part) => {
    const [found, expected] = [run[part], local[part]].map((value) => JSON.stringify(value))
    return found === expected ? [] : [`${run.verb}: ${part} is ${short(found)} and not ${short(expected)}`]
  })
}

function short(text = 'nothing'): string {
  return text.length < 400 ? text : `${text.slice(0, 400)}…`
}
