import { join } from 'node:path'
import { type CommandOptions, labWorld } from '../../e2e/support/lab-world.ts'
import { archiveName, contentsOf, type CopyWorld, mayCopy } from '../../e2e/support/copy-world.ts'
import { type CommandResult, jsonLines, type RunningCommand } from '../../e2e/support/crosstrail.ts'
import { digestOf } from '../../e2e/support/stored-logs.ts'
import { treeOf } from '../../e2e/support/tree.ts'
import { duckRowsOf } from '../../sinks/parquet/read-parquet.ts'
import { type FleetVerb, fleetVerbs } from '../../../src/fleet/format.ts'
import { skipReasons } from '../../../src/work/outcome.ts'
import { fleetSample, fleetWindow, removeSomeLogs } from './fleet-trail.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

export interface Worker extends RunningCommand {
  readonly journalDir: string
}

export interface WorkerOptions extends CommandOptions {
  /** Default: Redis itself. */
  readonly url?: string
  readonly args?: readonly string[]
}

/** A lab, Redis, and the commands of a fleet. Commands run in a folder of their own, as users of several machines do. */
export interface FleetWorld extends CopyWorld {
  readonly redis: RedisServer
  worker(options?: WorkerOptions): Worker
  /** The arguments of a verb on the whole trail, and where it writes. */
  command(verb: FleetVerb): FleetCommand
  /** Ends all workers that are still running, except one. */
  endWorkers(except?: Worker): Promise<void>
}

export interface FleetCommand {
  readonly verb: FleetVerb
  readonly args: readonly string[]
  /** Adds the queue, and a folder for the journal. */
  readonly fleetArgs: readonly string[]
  readonly journalDir: string
  /** What the run left behind. */
  left(): Promise<unknown>
}

export interface FleetWorldOptions {
  readonly logAccounts?: number
  readonly aof?: boolean
}

export async function fleetWorld({ logAccounts = 6, aof = false }: FleetWorldOptions = {}): Promise<FleetWorld> {
  const world = mayCopy(await labWorld({ sample: fleetSample(logAccounts) }), ['copy', 'verify'])
  removeSomeLogs(world.lab)
  const redis = await startRedis({ aof })
  const workers = new Set<Worker>()
  const endWorkers = async (except?: Worker) => {
    const ended = [...workers].filter((worker) => worker !== except)
    for (const { child } of ended) child.kill('SIGKILL')
    await Promise.all(ended.map(({ result }) => result))
  }
  let commands = 0
  return {
    ...world,
    redis,
    worker({ url = redis.url, args = [], ...options } = {}) {
      const journalDir = world.newPath()
      const started = world.start(['worker', '--fleet', url, '--journal-dir', journalDir, ...args], options)
      const worker = { ...started, journalDir }
      workers.add(worker)
      void started.result.then(() => workers.delete(worker))
      return worker
    },
    command(verb) {
      const number = ++commands
      const journalDir = world.newPath()
      const folder = world.newPath()
      const journal = verb === 'download' ? [] : ['--journal-dir', journalDir]
      const { to, left } = {
        copy: {
          to: ['--to', `s3://${archiveName}/${number}`],
          left: () => Promise.resolve(contentsOf(world.archive, `${number}/`)),
        },
        download: { to: ['--to', folder], left: () => Promise.resolve(treeOf(folder)) },
        verify: { to: [], left: () => Promise.resolve(undefined) },
        events: { to: ['--to', folder, '--format', 'parquet'], left: () => sortedRows(folder) },
      }[verb]
      const kind = verb === 'verify' ? [] : ['--kind', 'events']
      const args = [verb, 'Z', ...fleetWindow, ...kind, ...to, ...journal, '--output', 'json']
      return {
        verb,
        args,
        fleetArgs: [...args, '--fleet', redis.url],
        journalDir: verb === 'download' ? join(folder, '.crosstrail') : journalDir,
        left,
      }
    },
    endWorkers,
    async stop() {
      await endWorkers()
      await redis.stop()
      await world.stop()
    },
  }
}

/** All rows of a dataset, in one order. If several logs have an event, it does not matter which of them its row names. */
async function sortedRows(folder: string): Promise<string[]> {
  const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  const rows = (await duckRowsOf(folder)).map((row) => {
    const digest = digestOf(Buffer.from(JSON.stringify({ ...row, file: undefined }, text)))
    return `${String(row['eventID'])} ${digest}`
  })
  return rows.toSorted()
}

/** What a run says at its end, in the form of `merge`. What a killed worker did is done for the first worker, and skipped by the next. */
export interface Counts {
  readonly verb: FleetVerb
  readonly objects: number
  readonly failed: number
  readonly findings: unknown
}

/** The counts of the last line. */
export function countsOf({ stdout }: CommandResult): Counts {
  const { verb, done, failed, skipped, findings } = jsonLines(stdout).at(-1) as Readonly<Record<string, unknown>>
  const counted = skipped as Readonly<Record<string, number>>
  const objects = skipReasons.reduce((total, reason) => total + (counted[reason] ?? 0), Number(done))
  return { verb: verb as FleetVerb, objects, failed: Number(failed), findings }
}

/** What a run on this machine alone gives. */
export interface LocalRun {
  readonly exitCode: number | null
  readonly counts: Counts
  readonly left: unknown
  /** The findings and failures, without order. */
  readonly lines: readonly string[]
}

export async function runLocally(world: FleetWorld, verb: FleetVerb): Promise<LocalRun> {
  const command = world.command(verb)
  const { exitCode, stderr } = await world.run(command.args)
  if (exitCode !== 0 && exitCode !== 1) throw new Error(`the local run of ${verb} ended with ${exitCode}: ${stderr}`)
  const merged = await world.run(['merge', command.journalDir, '--output', 'json'])
  return { exitCode, counts: countsOf(merged), lines: failuresOf(merged), left: await command.left() }
}

/** The failures and findings that a run shows, without what belongs to one machine. */
export function failuresOf({ stdout }: CommandResult): string[] {
  return jsonLines(stdout)
    .filter(({ type, status }) => type === 'finding' || status === 'failed')
    .map(({ status, type, account, key, code, message }) =>
      JSON.stringify({ status, type, account, key, code, message }),
    )
    .toSorted()
}

export function runAllLocally(world: FleetWorld): Promise<ReadonlyMap<FleetVerb, LocalRun>> {
  return fleetVerbs.reduce(
    async (runs, verb) => new Map([...(await runs), [verb, await runLocally(world, verb)]]),
    Promise.resolve<ReadonlyMap<FleetVerb, LocalRun>>(new Map()),
  )
}
