import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { errnoOf } from './disk-error.ts'

/** Identifies one process. Another process with the same pid differs in start, boot or pid space. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Identifies this boot of the machine, if the system says. */
  readonly boot?: string | undefined
  /** The pid namespace; containers have their own. */
  readonly pidSpace?: string | undefined
  /** When the process started, in ticks since the boot. */
  readonly startTicks?: string | undefined
}

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    host: hostname(),
    boot: systemText(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidSpace: systemText(() => readlinkSync('/proc/self/ns/pid')),
    startTicks: startTicksOf(process.pid),
  }
}

/** `unknown`: the process ran where this one cannot check. */
export type Liveness = 'alive' | 'dead' | 'unknown'

/** How long ago a process last showed that it was alive, and how long ago this machine booted. */
export interface Silence {
  readonly silentMs: number
  readonly sinceBootMs: number
}

/**
 * | host  | boot   | last sign of life | pid space | process        | start   | liveness |
 * | ----- | ------ | ----------------- | --------- | -------------- | ------- | -------- |
 * | other |        |                   |           |                |         | unknown  |
 * | same  | other  | before this boot  |           |                |         | dead     |
 * | same  | other  | since this boot   |           |                |         | unknown  |
 * | same  | same   |                   | other     |                |         | unknown  |
 * | same  | same   |                   | same      | gone           |         | dead     |
 * | same  | not known |                |           | gone           |         | unknown  |
 * | same  | same   |                   | same      | there          | other   | dead     |
 * | same  | same   |                   | same      | there          | same    | alive    |
 */
export function livenessOf(
  of: ProcessIdentity,
  own: ProcessIdentity,
  { silentMs, sinceBootMs }: Silence,
  look: LookAtProcess = lookAtProcess,
): Liveness {
  if (of.host !== own.host) return 'unknown'
  if (of.boot !== own.boot) {
    // Two machines may share one name. A sign of life since this machine booted came from the other one.
    return of.boot !== undefined && own.boot !== undefined && silentMs > sinceBootMs ? 'dead' : 'unknown'
  }
  if (of.pidSpace !== own.pidSpace) return 'unknown'
  const { exists, startTicks } = look(of.pid)
  // Without a boot ID, as on macOS and Windows, the process may run on another machine with the same name.
  if (!exists) return own.boot === undefined ? 'unknown' : 'dead'
  return startTicks !== undefined && of.startTicks !== undefined && startTicks !== of.startTicks ? 'dead' : 'alive'
}

export type LookAtProcess = (pid: number) => { readonly exists: boolean; readonly startTicks?: string | undefined }

const lookAtProcess: LookAtProcess = (pid) => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return { exists: false }
  }
  return { exists: true, startTicks: startTicksOf(pid) }
}

/** Field 22 of proc(5)'s stat. Counted from the end of the second field, which may contain spaces and brackets. */
function startTicksOf(pid: number): string | undefined {
  return systemText(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  })
}

function systemText<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}
