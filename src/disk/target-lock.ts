import { randomBytes } from 'node:crypto'
import { closeSync, linkSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { CrosstrailError } from '../error.ts'
import { diskError, errnoOf, onDisk } from './disk-error.ts'
import { type LockHolder, readLockHolder } from './lock-holder.ts'
import { livenessOf, ownIdentity } from './process-identity.ts'
import { openRegularFile } from './regular-file.ts'

const lockFileName = 'lock'

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
 * number, its start, the machine's boot), another's must not have been silent for long. It waits for nothing.
 * Throws `lock.unreadable` for a lock that names no holder, `disk.not-a-file` for one that is no file, `disk.…`.
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
    // A lock without its content after a power cut would name nobody, and stand in the way for good
    writeFileSync(temp, JSON.stringify(own), { mode: 0o600, flag: 'wx', flush: true })
    return holding(own, takeChain(folder, own, temp, timing), timing)
  } catch (error) {
    throw diskError(error, join(folder, lockFileName))
  } finally {
    rmSync(temp, { force: true })
  }
}

/** Returns the files of the chain, the last of which is ours. */
function takeChain(folder: string, own: LockHolder, temp: string, timing: LockTiming): string[] {
  const first = join(folder, lockFileName)
  for (let round = 0; round < mostRounds; round++) {
    const chain = [first]
    const followed = new Set<string>()
    let before: LockHolder | undefined
    for (;;) {
      const file = chain.at(-1) ?? first
      if (linkTo(temp, file, own)) {
        // Its holder may have let go meanwhile: then the chain we followed is no longer the lock.
        if (before === undefined || readLockHolder(first)?.nonce === firstNonce(chain, own)) return chain
        rmSync(file, { force: true })
        break
      }
      const holder = readLockHolder(file)
      if (holder === undefined) break
      if (!isDead(holder, own, temp, timing)) throw held(holder, first)
      if (followed.has(holder.nonce)) throw endless(first, 'leads back to itself')
      followed.add(holder.nonce)
      before = holder
      chain.push(join(folder, `${lockFileName}.${holder.nonce}`))
    }
  }
  throw endless(first, 'was let go of and taken again all the time')
}

/** A round ends where a holder let go just then. */
const mostRounds = 1000

/** The nonce the second file is named after. */
function firstNonce(chain: readonly string[], own: LockHolder): string {
  return chain[1]?.slice((chain[0]?.length ?? 0) + 1) ?? own.nonce
}

function isDead(
  holder: LockHolder & { readonly heardMs: number },
  own: LockHolder,
  temp: string,
  { silenceMs }: LockTiming,
): boolean {
  // Both times are the file system's, whatever the clocks of the two machines say.
  const silentMs = statSync(temp).mtimeMs - holder.heardMs
  const liveness = livenessOf(holder, own, { silentMs, sinceBootMs: uptime() * 1000 })
  return liveness === 'unknown' ? silentMs > silenceMs : liveness === 'dead'
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
    writeFileSync(file, JSON.stringify(own), { mode: 0o600, flag: 'wx', flush: true })
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

function holding(holder: LockHolder, chain: readonly string[], { heartbeatMs }: LockTiming): TargetLock {
  const file = chain.at(-1) ?? ''
  const fd = openRegularFile(file, 'update')
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
    isHeld() {
      return onDisk(file, () => {
        const isNamed = readLockHolder(file)?.nonce === holder.nonce
        return isNamed && statSync(`${chain[0] ?? ''}.${holder.nonce}`, { throwIfNoEntry: false }) === undefined
      })
    },
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

function endless(file: string, says: string): CrosstrailError {
  return new CrosstrailError('lock.unreadable', `the lock ${file} ${says}`, {
    hint: `if no pull is running, remove ${lockFileName} and ${lockFileName}.* in its folder`,
    facts: { file },
  })
}
