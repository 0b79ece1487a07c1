import { randomBytes } from 'node:crypto'
import { closeSync, linkSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { diskError, errnoOf } from './disk-error.ts'
import { livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.ts'

export const lockFileName = 'lock'

/** Who holds a lock. */
export interface LockHolder extends ProcessIdentity {
  readonly since: string
  readonly nonce: string
}

export interface TargetLock {
  readonly holder: LockHolder
  /** False once another took it over, as from a machine that slept. */
  isHeld(): boolean
  release(): void
}

export interface LockTiming {
  /** How often a holder says that it lives. */
  readonly heartbeatMs: number
  /** A holder that this process cannot look at is taken for dead after so long a silence. */
  readonly silenceMs: number
}

const usualTiming: LockTiming = { heartbeatMs: 15_000, silenceMs: 5 * 60_000 }

/**
 * Takes the lock of a folder, or throws `lock.held` with its holder. A dead process holds nothing: one of this machine is looked at (its
 * number, its start, the machine's boot), another's must not have been silent for long. Throws `disk.…`.
 *
 * A dead holder is followed, not removed: whoever links `lock.<its nonce>` first is the new holder, so that of two that find it dead
 * only one gets in.
 */
export function takeLock(folder: string, timing: LockTiming = usualTiming): TargetLock {
  const own: LockHolder = {
    ...ownIdentity(),
    since: new Date().toISOString(),
    nonce: randomBytes(8).toString('hex'),
  }
  const temp = join(folder, `${lockFileName}-${own.nonce}.tmp`)
  try {
    writeFileSync(temp, JSON.stringify(own), { mode: 0o600, flag: 'wx' })
    return holding(own, takeChain(folder, own, temp, timing), timing)
  } catch (error) {
    throw diskError(error, temp)
  } finally {
    rmSync(temp, { force: true })
  }
}

/** Returns the files of the chain, the last of which is ours. */
function takeChain(folder: string, own: LockHolder, temp: string, timing: LockTiming): string[] {
  const first = join(folder, lockFileName)
  for (;;) {
    const chain = [first]
    let before: LockHolder | undefined
    for (;;) {
      const file = chain.at(-1) ?? first
      if (linkTo(temp, file, own)) {
        // Its holder may have let go meanwhile: then the chain we followed is no longer the lock.
        if (before === undefined || readHolder(first)?.nonce === firstNonce(chain, own)) return chain
        rmSync(file, { force: true })
        break
      }
      const holder = readHolder(file)
      if (holder === undefined) break
      if (!isDead(holder, own, file, temp, timing)) throw held(holder, first)
      before = holder
      chain.push(join(folder, `${lockFileName}.${holder.nonce}`))
    }
  }
}

/** The nonce the second file is named after. */
function firstNonce(chain: readonly string[], own: LockHolder): string {
  return chain[1]?.slice((chain[0]?.length ?? 0) + 1) ?? own.nonce
}

function isDead(holder: LockHolder, own: LockHolder, file: string, temp: string, { silenceMs }: LockTiming): boolean {
  const liveness = livenessOf(holder, own)
  if (liveness !== 'unknown') return liveness === 'dead'
  const seen = statSync(file, { throwIfNoEntry: false })
  // Both times are the file system's, whatever the clocks of the two machines say.
  return seen !== undefined && statSync(temp).mtimeMs - seen.mtimeMs > silenceMs
}

/** False where the name is taken. */
function linkTo(temp: string, file: string, own: LockHolder): boolean {
  try {
    linkSync(temp, file)
    return true
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno ?? '')) throw error
  }
  // File systems without hard links
  try {
    writeFileSync(file, JSON.stringify(own), { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Undefined where it is gone. */
function readHolder(file: string): LockHolder | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as LockHolder
  } catch (cause) {
    throw new CrosstrailError('lock.held', `the lock ${file} cannot be read`, {
      hint: 'if no pull is running, remove it',
      facts: { file },
      cause,
    })
  }
}

function holding(holder: LockHolder, chain: readonly string[], { heartbeatMs }: LockTiming): TargetLock {
  const file = chain.at(-1) ?? ''
  const fd = openSync(file, 'r+')
  const text = JSON.stringify(holder)
  const heartbeat = setInterval(() => {
    try {
      writeSync(fd, text, 0)
    } catch (error) {
      // A disk that fails says so where something is written that counts; a lock lost for it shows in `isHeld`.
      if (errnoOf(error) === undefined) throw error
    }
  }, heartbeatMs)
  heartbeat.unref()
  let released = false
  return {
    holder,
    isHeld: () =>
      readHolder(file)?.nonce === holder.nonce &&
      statSync(`${chain[0] ?? ''}.${holder.nonce}`, { throwIfNoEntry: false }) === undefined,
    release() {
      if (released) return
      released = true
      clearInterval(heartbeat)
      closeSync(fd)
      // The first name first: see `takeChain`.
      for (const link of chain) rmSync(link, { force: true })
    },
  }
}

function held(holder: LockHolder, file: string): CrosstrailError {
  const { pid, host, since } = holder
  return new CrosstrailError('lock.held', `another pull is at work here: process ${pid} on ${host}, since ${since}`, {
    hint: 'wait for it, or end it',
    facts: { pid, host, since, file },
  })
}
