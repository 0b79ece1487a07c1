import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { labBucket } from '../../../src/lab/fixture.ts'
import type { LabOptions } from '../../../src/lab/lab.ts'
import { type CommandResult, jsonLines } from './crosstrail.ts'
import { type CommandOptions, labWorld, type LabWorld } from './lab-world.ts'
import { type StoredLog, storedLogs } from './stored-logs.ts'

export interface DeleteWorld extends LabWorld {
  /** Runs with a config in which Z may delete, `.crosstrail` in a folder of the world's own. */
  crosstrail(args: readonly string[], options?: CommandOptions): Promise<CommandResult>
  readonly configFile: string
  /** The logs the bucket holds now. */
  logs(): StoredLog[]
  /** Asks the bucket, past all policies, for the keys there are. */
  keys(): string[]
}

/** Logs of the first days of 2025: old enough to go. */
export const oldWindow = { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 8) }

/** The half of the old window that the tests delete. */
export const olderHalf = ['--until', '2025-01-05'] as const

export async function deleteWorld(options: LabOptions = {}): Promise<DeleteWorld> {
  const world = await labWorld({ sample: { objects: 200, window: oldWindow }, ...options })
  const configFile = world.configWith((text) => mayDelete(text))
  return {
    ...world,
    configFile,
    crosstrail: (args, asked) => world.run([...args, '--config', configFile], asked),
    logs: () => storedLogs(world.lab),
    keys: () => world.lab.bucket(labBucket).keys(),
  }
}

/** Z, which reads all, may delete and copy too. */
export function mayDelete(config: string): string {
  return config.replace(/(reads: all\n {4}allow: )\[list, download\]/, '$1[list, download, copy, delete]')
}

export function isOlder({ stamp }: StoredLog): boolean {
  return stamp < '20250105T0000'
}

/** The only plan or journal of a kind that a folder holds. */
export function onlyFile(folder: string, kind: 'plan' | 'delete' | 'restore'): string {
  const names = filesIn(folder, kind)
  const [name] = names
  if (name === undefined || names.length > 1) throw new Error(`${names.length} ${kind} files in ${folder}`)
  return name
}

export function filesIn(folder: string, kind: 'plan' | 'delete' | 'restore'): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.ndjson'))
    .map((name) => join(folder, name))
}

/** The lines of a journal that a killed run may have left: one that was cut off is left out. */
export function journalLines(file: string): Record<string, unknown>[] {
  const text = readFileSync(file, 'utf8')
  return jsonLines(text.slice(0, text.lastIndexOf('\n') + 1))
}
