import { readdirSync, readFileSync } from 'node:fs'

/** How many files and connections this process may have open, and how many it has. */
export interface OpenFiles {
  readonly limit: number
  readonly open: number
}

/** Undefined if the system has no such limit, or does not say. It takes less than a millisecond on Linux. */
export function openFiles(): OpenFiles | undefined {
  if (process.platform === 'win32') return undefined
  const limit = process.platform === 'linux' ? limitOfLinux() : limitOfReport()
  return limit === undefined ? undefined : { limit, open: countOpen() ?? openAtStart }
}

/** Of Node itself, before it has done anything. */
const openAtStart = 24

/** For journals, locks, sockets to STS and names that are looked up. */
const keptFree = 24

/** Of each thread beside the first one: its event loop has descriptors of its own. */
const forThread = 12

/** A connection, and a file if the object is too large to hold. */
const perCall = 2

/** How many calls at a time the limit has room for, at least one. */
export function callsWithin({ limit, open }: OpenFiles, threads: number): number {
  const room = limit - open - keptFree - forThread * (threads - 1)
  return Math.max(1, Math.floor(room / perCall))
}

/** The soft limit. Node has raised it to the hard one when it started. */
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
    // Neither is there in some containers: the usual number does.
    return undefined
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Without /proc nobody knows the limit, and the run goes on as if there were none.
    return ''
  }
}
