import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { labBucket } from '../../../src/lab/fixture.ts'
import type { LabOptions } from '../../../src/lab/lab.ts'
import { type CommandResult, jsonLines } from './crosstrail.ts'
import { type CommandOptions, labWorld, type LabWorld } from './lab-world.ts'
import { type StoredLog, storedLogs } from './stored-logs.ts'

export interface DeleteWorld extends LabWorld {
  /** Runs a command with a config in which Z may delete. `.crosstrail` is in the world's own folder. */
  crosstrail(args: readonly string[], options?: CommandOptions): Promise<CommandResult>
  readonly configFile: string
  logs(): StoredLog[]
  /** The keys in the bucket, read without policies. */
  keys(): string[]
}

/** Logs of the first days of 2025, old enough to delete. */
export const oldWindow = { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 8) }

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

export function mayDelete(config: string): string {
  return config.replace(/(reads: all\n {4}allow: )\[list, download\]/, '$1[list, download, copy, delete]')
}

export function isOlder({ stamp }: StoredLog): boolean {
  return stamp < '20250105T0000'
}

/** The only plan or journal of a kind in a folder. */
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

/** The complete lines of a journal, which a killed run may have left with an incomplete one. */
export function journalLines(file: string): Record<string, unknown>[] {
  const text = readFileSync(file, 'utf8')
  return jsonLines(text.slice(0, text.lastIndexOf('\n') + 1))
}
