import { shareConcurrency } from '../../../work/concurrency.ts'
import type { ClockFacts, CoreFacts, FileLimits, MachineFacts, MemoryFacts, ProgramFacts } from './facts.ts'
import { type SelfStep, stepOf, type Trouble } from './self-step.ts'

/** Judges the program and the machine. Pure. */
export function machineSteps(program: ProgramFacts, machine: MachineFacts): SelfStep[] {
  return [
    programStep(program),
    nodeStep(machine.node),
    systemStep(machine),
    partsStep(program),
    coresStep(machine.cores),
    memoryStep(machine.memory),
    filesStep(machine.files, machine.cores),
    clockStep(machine.clock),
  ]
}

function programStep({ version, installed }: ProgramFacts): SelfStep {
  const how = installed === 'npm' ? 'an npm package' : 'a single executable'
  return stepOf('crosstrail', `${version}, installed as ${how}`, { version, installed })
}

function nodeStep(node: string): SelfStep {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const isSupported = major === 20 ? minor >= 19 : major === 22 ? minor >= 12 : major > 22
  const trouble: Trouble = {
    status: 'failed',
    says: 'crosstrail needs Node 20 from 20.19, or 22.12 or later',
    does: 'install a newer version of Node',
  }
  return stepOf('node', node, { node }, isSupported ? [] : [trouble])
}

function systemStep({ platform, arch, release, glibc }: MachineFacts): SelfStep {
  const library = platform !== 'linux' ? '' : glibc === undefined ? ', no glibc' : `, glibc ${glibc}`
  const isTested = platform === 'linux' && arch === 'x64' && glibc !== undefined
  const trouble: Trouble = {
    status: 'warning',
    says: "crosstrail's tests do not run on such a system",
    does: 'docs/PLATFORMS.md says what is known about it',
  }
  const facts = { platform, arch, release, glibc }
  return stepOf('system', `${platform} ${arch}, ${release}${library}`, facts, isTested ? [] : [trouble])
}

function partsStep({ parts }: ProgramFacts): SelfStep {
  const present = parts.filter(({ version }) => version !== undefined)
  const missing = parts.filter(({ version, problem }) => version === undefined && problem === undefined)
  const texts = [
    ...present.map(({ name, version }) => `${name} ${version}`),
    ...(missing.length === 0 ? [] : [`not installed: ${missing.map(({ name }) => name).join(', ')}`]),
  ]
  const facts = Object.fromEntries(parts.map(({ name, version }) => [name, version ?? 'missing']))
  const troubles = parts
    .filter(({ problem }) => problem !== undefined)
    .map(({ name, adds }): Trouble => ({
      status: 'warning',
      says: `${name} is installed and cannot be loaded`,
      does: `install ${name} again for this platform, if you need what it adds: ${adds}`,
    }))
  return stepOf('parts', texts.join('; ') || 'none can be used', facts, troubles)
}

function coresStep({ present, usable, quota }: CoreFacts): SelfStep {
  const limit = quota === undefined ? '' : `; the control group allows the time of ${round(quota)}`
  const facts = { present, usable, quota }
  const trouble: Trouble = {
    status: 'warning',
    says: 'less than one core makes every run slow',
    does: 'raise the CPU limit of the container or the service',
  }
  return stepOf(
    'cores',
    `${usable} of ${present} usable${limit}`,
    facts,
    quota !== undefined && quota < 1 ? [trouble] : [],
  )
}

/** docs/PERFORMANCE.md: a download stays below 170 MB, a search below 300 MB. */
const littleMemory = 300_000_000
const tooLittleMemory = 170_000_000

function memoryStep({ total, free, limit, heap }: MemoryFacts): SelfStep {
  const texts = [
    `${gigabytes(total)} in total, ${gigabytes(free)} free`,
    ...(limit === undefined ? [] : [`the control group allows ${gigabytes(limit)}`]),
    `JavaScript may use ${gigabytes(heap)}`,
  ]
  const most = Math.min(total, limit ?? total)
  const troubles: Trouble[] = []
  if (most < littleMemory) {
    troubles.push({
      status: most < tooLittleMemory ? 'failed' : 'warning',
      says:
        most < tooLittleMemory ? 'that is less than a download needs' : 'that is less than a search of events needs',
      does: 'give it 512 MB or more: docs/PERFORMANCE.md says what each command needs',
    })
  }
  return stepOf('memory', texts.join(', '), { total, free, limit, heap }, troubles)
}

/** With fewer calls at a time, each call waits for another for most of its time. */
const fewCalls = 8

function filesStep({ own, hard }: FileLimits, { usable }: CoreFacts): SelfStep {
  if (own === undefined) return stepOf('files', 'the system has no limit, or does not say', {})
  const share = shareConcurrency({ concurrency: undefined, threads: undefined, cores: usable, openFiles: own })
  const { calls } = share
  const troubles: Trouble[] = []
  if (share.openFilesLimit !== undefined) {
    troubles.push({
      status: calls < fewCalls ? 'failed' : 'warning',
      says: `that is enough for ${calls} ${calls === 1 ? 'call' : 'calls'} at a time`,
      does: 'raise the limit of open files, for example with ulimit -n 4096',
    })
  }
  const facts = { soft: own.limit, hard, open: own.open, calls }
  const atMost = hard === undefined ? '' : `, ${hard} at most`
  return stepOf('files', `${own.limit} may be open${atMost}, ${own.open} are`, facts, troubles)
}

/** A clock that shows an earlier time is wrong: this program did not exist then. */
const earliestMs = Date.UTC(2026, 0, 1)

/** A wait of a tenth of a second. A clock that is being corrected drifts by much less. */
const largestJumpMs = 1000

function clockStep({ nowMs, offsetMinutes, zone, jumpMs, isMonotonic, isSynchronised }: ClockFacts): SelfStep {
  const troubles: Trouble[] = []
  const setClock =
    'set the clock, or let NTP set it: AWS refuses requests of a clock that is wrong by 5 minutes or more'
  if (nowMs < earliestMs) {
    troubles.push({
      status: 'failed',
      code: 'access.clock-skew',
      says: 'that is before this version of crosstrail was built',
      does: setClock,
    })
  }
  if (Math.abs(jumpMs) > largestJumpMs) {
    const says = `the clock jumped by ${round(jumpMs / 1000)} s during this check`
    troubles.push({ status: 'failed', says, does: setClock })
  }
  if (!isMonotonic) {
    const does = 'restart the machine, or report it to the maker of its virtual machine'
    troubles.push({ status: 'failed', says: 'the monotonic clock does not advance', does })
  }
  const known = isSynchronised === true ? 'set by NTP' : 'not known whether NTP sets it'
  const facts = { time: new Date(nowMs).toISOString(), offsetMinutes, zone, jumpMs: Math.round(jumpMs), isSynchronised }
  const message = `${local(nowMs, offsetMinutes)} (${zone}), ${known}`
  return stepOf('clock', message, facts, troubles)
}

/** `2026-11-30T20:27:51+02:00` */
function local(nowMs: number, offsetMinutes: number): string {
  const away = Math.abs(offsetMinutes)
  const pad = (part: number) => String(part).padStart(2, '0')
  const offset = `${offsetMinutes < 0 ? '-' : '+'}${pad(Math.floor(away / 60))}:${pad(away % 60)}`
  return `${new Date(nowMs + offsetMinutes * 60_000).toISOString().slice(0, 19)}${offset}`
}

function gigabytes(bytes: number): string {
  return bytes < 1_000_000_000 ? `${Math.round(bytes / 1_000_000)} MB` : `${round(bytes / 1_000_000_000)} GB`
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
