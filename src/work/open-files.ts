import { readdirSync, readFileSync } from 'node:fs'

/** How many files and connections this process may have open, and how many it has. */
export interface OpenFiles {
  readonly limit: number
  readonly open: number
}

/** Returns undefined if the system has no such limit, or does not say. It takes less than a millisecond on Linux. */
export function openFiles(): OpenFiles | undefined {
  if (process.platform === 'win32') return undefined
  const limit = process.platform === 'linux' ? limitOfLinux() : limitOfReport()
  return limit === undefined ? undefined : { limit, open: countOpen() ?? openAtStart }
}

/** The descriptors that Node itself opens at start. */
const openAtStart = 24

/** For journals, locks, sockets to STS and DNS look-ups. */
const keptFree = 24

/** For each thread after the first: its event loop has descriptors of its own. */
const forThread = 12

/** A connection, and a file if the object is too large for memory. */
const perCall = 2

/** Returns how many calls at a time the limit allows, at least one. */
export function callsWithin({ limit, open }: OpenFiles, threads: number): number {
  const room = limit - open - keptFree - forThread * (threads - 1)
  return Math.max(1, Math.floor(room / perCall))
}

/** The soft limit. Node raised it to the hard limit at start. */
function limitOfLinux(): number | undefined {
  const line = /^Max open files\s+(\d+|unlimited)/m.exec(readOrNothing('/proc/self/limits'))?.[1]
  return line === undefined || line === 'unlimited' ? undefined : Number(line)
}

function limitOfReport(): number | undefined {
  Object.assign(process.report, { excludeNetwork: true })
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : undefined
}

function countOpen(): number | undefined {
  try {
    return readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length
  } catch {
    // Some containers have neither; the usual number is close enough.
    return undefined
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Without /proc the limit is unknown, and the run continues as if there were none.
    return ''
  }
}
