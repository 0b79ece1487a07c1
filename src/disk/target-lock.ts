import { randomBytes } from 'node:crypto'
import { closeSync, linkSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { CrosstrailError, hasCode } from '../error.ts'
import { diskError, errnoOf, onDisk } from './disk-error.ts'
import { type LockHolder, readLockHolder } from './lock-holder.ts'
import { livenessOf, ownIdentity } from './process-identity.ts'
import { openRegularFile } from './regular-file.ts'

const lockFileName = 'lock'

export interface TargetLock {
  readonly holder: LockHolder
  /** False if another process took the lock over, for example because this machine slept. */
  isHeld(): boolean
  release(): void
}

export interface LockTiming {
  readonly heartbeatMs: number
  /** A holder that this process cannot check counts as dead after this silence. */
  readonly silenceMs: number
}

const usualTiming: LockTiming = { heartbeatMs: 15_000, silenceMs: 5 * 60_000 }

/**
 * Takes the lock of a folder, or throws `lock.held` with its holder. It never waits. A dead holder does not block: on this machine the
 * process is checked (pid, start, boot); a holder on another machine is dead if it was silent too long. Throws `lock.unreadable` for a lock
 * that names no holder, `disk.not-a-file` for one that is not a file, `disk.…`.
 *
 * A dead holder's file is not removed but followed: whoever first links `lock.<its nonce>` is the new holder. So only one process wins if
 * two find the holder dead.
 */
export function takeLock(folder: string, timing: LockTiming = usualTiming): TargetLock {
  const own: LockHolder = {
    ...ownIdentity(),
    since: new Date().toISOString(),
    nonce: randomBytes(8).toString('hex'),
  }
  const temp = join(folder, `${lockFileName}-${own.nonce}.tmp`)
  try {
    // Flushed: after a power cut, a lock without content would name nobody and block the target forever.
    writeFileSync(temp, JSON.stringify(own), { mode: 0o600, flag: 'wx', flush: true })
    const chain = takeChain(folder, own, temp, timing)
    if (chain.length === 1) removeStrays(folder, own)
    removeTemps(folder, own, temp, timing)
    return holding(own, chain, timing)
  } catch (error) {
    throw diskError(error, join(folder, lockFileName))
  } finally {
    rmSync(temp, { force: true })
  }
}

/** Returns the files of the chain. The last one is ours. */
function takeChain(folder: string, own: LockHolder, temp: string, timing: LockTiming): string[] {
  const first = join(folder, lockFileName)
  for (let round = 0; round < mostRounds; round++) {
    const chain = [first]
    const followed = new Set<string>()
    let before: LockHolder | undefined
    for (;;) {
      const file = chain.at(-1) ?? first
      if (linkTo(temp, file, own)) {
        // The holder may have released the lock meanwhile; then the chain we followed is no longer the lock.
        if (before === undefined || readLockHolder(first)?.nonce === firstNonce(chain, own)) return chain
        rmSync(file, { force: true })
        break
      }
      const holder = readLockHolder(file)
      if (holder === undefined) break
      if (!isDead(holder, own, temp, timing)) throw held(holder, first)
      if (followed.has(holder.nonce)) throw endless(first, 'leads to itself')
      followed.add(holder.nonce)
      before = holder
      chain.push(join(folder, `${lockFileName}.${holder.nonce}`))
    }
  }
  throw endless(first, 'was released and taken again during each attempt')
}

/** A process that was killed while it released a lock leaves the rest of its chain, which leads nowhere without the first file. */
function removeStrays(folder: string, own: LockHolder): void {
  const strays = readdirSync(folder).filter((name) => strayName.test(name) && name !== `${lockFileName}.${own.nonce}`)
  for (const name of strays) rmSync(join(folder, name), { force: true })
}

const strayName = /^lock\.[0-9a-f]{16}$/
const tempName = /^lock-[0-9a-f]{16}\.tmp$/

/** A process that was killed while it took a lock leaves its temporary file. */
function removeTemps(folder: string, own: LockHolder, temp: string, timing: LockTiming): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (tempName.test(name) && file !== temp && isLeft(file, own, temp, timing)) rmSync(file, { force: true })
  }
}

function isLeft(file: string, own: LockHolder, temp: string, timing: LockTiming): boolean {
  try {
    const holder = readLockHolder(file)
    return holder !== undefined && isDead(holder, own, temp, timing)
  } catch (error) {
    if (!hasCode(error, 'lock.unreadable')) throw error
    // Its process is writing it, or was killed before it wrote it.
    const mtimeMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    return statSync(temp).mtimeMs - mtimeMs > timing.silenceMs
  }
}

/** A round ends if a holder releases the lock during it. */
const mostRounds = 1000

/** Returns the nonce that the second file is named after. */
function firstNonce(chain: readonly string[], own: LockHolder): string {
  return chain[1]?.slice((chain[0]?.length ?? 0) + 1) ?? own.nonce
}

function isDead(
  holder: LockHolder & { readonly heardMs: number },
  own: LockHolder,
  temp: string,
  { silenceMs }: LockTiming,
): boolean {
  // Both times come from the file system, so clocks that differ do not matter.
  const silentMs = statSync(temp).mtimeMs - holder.heardMs
  const liveness = livenessOf(holder, own, { silentMs, sinceBootMs: uptime() * 1000 })
  return liveness === 'unknown' ? silentMs > silenceMs : liveness === 'dead'
}

function linkTo(temp: string, file: string, own: LockHolder): boolean {
  try {
    linkSync(temp, file)
    return true
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno ?? '')) throw error
  }
  // File systems without hard links.
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
      // A failing disk is reported by the next write of data. If the lock is lost because of it, `isHeld` says so.
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
  return new CrosstrailError('lock.held', `another pull holds this target: process ${pid} on ${host}, since ${since}`, {
    hint: 'wait until it ends, or stop it',
    facts: { pid, host, since, file },
  })
}

function endless(file: string, says: string): CrosstrailError {
  return new CrosstrailError('lock.unreadable', `the lock ${file} ${says}`, {
    hint: `if no pull is running, remove ${lockFileName} and ${lockFileName}.* in its folder`,
    facts: { file },
  })
}
