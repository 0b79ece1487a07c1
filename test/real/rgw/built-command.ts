import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const bin = path.resolve(import.meta.dirname, '../../../dist/bin.cjs')

/** Runs the built command with exactly this environment. Throws if it is not built. */
export function crosstrail(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CommandResult> {
  if (!existsSync(bin)) throw new Error('dist/bin.cjs is missing: run `npm run build` first')
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [bin, ...args], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve({ exitCode: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr })
      else reject(error)
    })
  })
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
