import { readFileSync } from 'node:fs'
import type { RunningCommand } from './crosstrail.ts'

const everyMs = 100

/** The peak memory of a command, once it has ended. Linux only. */
export async function peakMegabytes({ child, result }: RunningCommand): Promise<number> {
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, peakOf(child.pid))), everyMs)
  await result
  clearInterval(watch)
  return peak
}

/** The peak memory of a process in megabytes. 0 if it has ended. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return 0
    throw error
  }
}
