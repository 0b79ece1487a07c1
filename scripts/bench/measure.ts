import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A command as it is run: the program's path or name, and its arguments. */
export type CommandLine = readonly string[]

export interface Measured {
  readonly wallSeconds: number
  /** User and system time of the process and of the children that it waited for. */
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  readonly stderr: string
}

/**
 * Runs a command once under GNU time, which reports the kernel's figures; stdout goes to /dev/null.
 * Rejects if the command fails, because a failed run measures nothing.
 */
export async function measure(command: CommandLine, env: Readonly<Record<string, string>>): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-time-'))
  const file = join(folder, 'time')
  try {
    const startedAt = performance.now()
    const child = spawn('/usr/bin/time', ['-f', '%U %S %M', '-o', file, ...command], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4_000)))
    const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
    const wallSeconds = (performance.now() - startedAt) / 1000
    if (status !== 0) throw new Error(`${command.join(' ')} ended with ${String(status)}: ${stderr}`)
    const [user = 0, system = 0, kilobytes = 0] = readFileSync(file, 'utf8').trim().split(' ').map(Number)
    return { wallSeconds, cpuSeconds: user + system, peakMegabytes: kilobytes / 1024, stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
