import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { errnoOf } from '../../../disk/disk-error.ts'
import { openFiles } from '../../../work/open-files.ts'
import type { ClockFacts, MachineFacts } from './facts.ts'

/** Reads what this machine is, without a network. What the system does not say is undefined. */
export async function readMachine(): Promise<MachineFacts> {
  const total = totalmem()
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    release: release(),
    glibc: glibcVersion(),
    cores: { present: cpus().length, usable: availableParallelism(), quota: cpuQuota() },
    memory: { total, free: freemem(), limit: memoryLimit(total), heap: getHeapStatistics().heap_size_limit },
    files: { own: openFiles(), hard: hardLimit() },
    clock: await readClock(),
  }
}

function glibcVersion(): string | undefined {
  // Without this, the report looks up names of hosts.
  Object.assign(process.report, { excludeNetwork: true })
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime
}

/** The quota of the control group, version 2 or 1. */
function cpuQuota(): number | undefined {
  const [v2Quota, v2Period] = systemFile('/sys/fs/cgroup/cpu.max')?.trim().split(' ') ?? []
  const quota = Number(v2Quota ?? systemFile('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'))
  const period = Number(v2Period ?? systemFile('/sys/fs/cgroup/cpu/cpu.cfs_period_us'))
  return quota > 0 && period > 0 ? quota / period : undefined
}

/** Without a limit, Node returns 0 or more than the machine has. */
function memoryLimit(total: number): number | undefined {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < total ? limit : undefined
}

function hardLimit(): number | undefined {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(systemFile('/proc/self/limits') ?? '')?.[1]
  return hard === undefined ? undefined : Number(hard)
}

async function readClock(): Promise<ClockFacts> {
  const [wallMs, steady] = [Date.now(), process.hrtime.bigint()]
  await wait(100)
  const [nowMs, later] = [Date.now(), process.hrtime.bigint()]
  return {
    nowMs,
    offsetMinutes: -new Date(nowMs).getTimezoneOffset(),
    zone: new Intl.DateTimeFormat('en').resolvedOptions().timeZone,
    jumpMs: nowMs - wallMs - Number(later - steady) / 1e6,
    isMonotonic: later > steady,
    // systemd-timesyncd makes this file. Other services do not say it without a program of their own.
    isSynchronised: systemFile('/run/systemd/timesync/synchronized') === undefined ? undefined : true,
  }
}

/** Returns undefined if this system has no such file. */
function systemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}
