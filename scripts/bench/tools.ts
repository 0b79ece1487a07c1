import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Entrant } from './entrant.ts'
import type { CommandLine } from './measure.ts'

export const ownName = 'crosstrail'
export const ownBin = resolve(import.meta.dirname, '../../dist/bin.cjs')

/** crosstrail as users run it: account Z, the whole trail, and only the options that define the work. `{}` in `args` stands for the folder. */
export function crosstrail(env: Entrant['env'], args: CommandLine, name = ownName): Entrant {
  return {
    tool: name,
    env,
    command: (folder, bin = ownBin) => [process.execPath, bin, ...inFolder(args, folder)],
    hasBuilds: true,
  }
}

/** The same with the download done once before. */
export function again(entrant: Entrant): Entrant {
  return { ...entrant, before: entrant.command }
}

export function withCheck(entrant: Entrant, check: (folder: string) => void): Entrant {
  return { ...entrant, check }
}

/** Throws if a folder does not contain this number of files, without crosstrail's own. */
export function demandFiles(count: number): (folder: string) => void {
  return (folder) => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && !entry.parentPath.includes('/.crosstrail') && !entry.name.startsWith('.'),
    )
    if (files.length !== count) throw new Error(`${folder} holds ${files.length} files, ${count} expected`)
  }
}

/** Puts a folder in the place of `{}`. */
export function inFolder(args: CommandLine, folder: string): string[] {
  return args.map((argument) => argument.replace('{}', folder))
}

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0
}
