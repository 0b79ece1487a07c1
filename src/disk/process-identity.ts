import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { errnoOf } from './disk-error.ts'

/** Names one process for good: another one with the same number has another start, boot or space. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Of this boot of the machine, where the system tells. */
  readonly boot?: string | undefined
  /** The space its number counts in: containers have their own. */
  readonly pidSpace?: string | undefined
  /** When it began, in ticks since the boot. */
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

/** `unknown`: it ran where this process cannot look. */
export type Liveness = 'alive' | 'dead' | 'unknown'

/** How long ago a process last gave a sign of life, and how long ago this machine booted. */
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
    // Two machines may have one name: what was heard since this one booted is another
    return of.boot !== undefined && own.boot !== undefined && silentMs > sinceBootMs ? 'dead' : 'unknown'
  }
  if (of.pidSpace !== own.pidSpace) return 'unknown'
  const { exists, startTicks } = look(of.pid)
  if (!exists) return 'dead'
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

/** Field 22 of proc(5)'s stat. The second field may hold spaces and brackets: counted from its end. */
function startTicksOf(pid: number): string | undefined {
  return systemText(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  })
}

/** Undefined where the system does not tell. */
function systemText<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}
