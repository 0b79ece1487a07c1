import { accountsByLabel } from '../config/account-labels.ts'
import type { Account, Config } from '../config/config.ts'
import type { Session } from '../identity/session.ts'
import type { Bucket } from '../s3/bucket.ts'
import { maskedText } from '../secrets/masked-text.ts'
import type { TrailLayout } from '../trail/trail.ts'
import type { Assignment } from '../work/assignment.ts'
import type { Concurrency } from '../work/concurrency.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Host, Reach } from './host.ts'
import type { Rights } from './rights.ts'

export interface TrailAccessOptions {
  /** Labels of the config. Empty: all. */
  readonly accounts: readonly string[]
  readonly rights: Rights
  /** Called when an account's session is open, before anything is listed. */
  readonly onOpened?: ((account: string, session: Session, bucket: Bucket) => Promise<void> | void) | undefined
}

/** The trail's bucket through each account's session. `request` is the part of a run's request that it fills in. */
export interface TrailAccess {
  readonly request: {
    readonly layout: TrailLayout
    readonly accounts: readonly Account[]
    readonly listener: RunListener
    readonly signal: AbortSignal
    /** A second run with the same accounts gets the same sessions. */
    readonly openBucket: (assignment: Assignment) => Promise<Bucket>
  }
  readonly keysOf: (account: string) => Session
}

/** Returns the access of the named accounts. Throws `usage.unknown-account`. */
export function accessTrail(host: Host, { accounts: labels, rights, onOpened }: TrailAccessOptions): TrailAccess {
  const { config, buckets, share, signal } = host
  const accounts = accountsByLabel(config, labels)
  const listener = onceEach(host.listener)
  const opened = new Map<string, Session>()
  const openedBuckets = new Map<string, Bucket>()
  tellOpenFiles(share, listener)
  return {
    request: {
      layout: config.trail,
      accounts,
      listener,
      signal,
      async openBucket(assignment) {
        const account = accounts.find(({ label }) => label === assignment.account)
        if (account === undefined) throw new Error(`no account ${assignment.account}`)
        const known = openedBuckets.get(account.label)
        if (known !== undefined) return known
        const session = await host.session(account, rights, reachOf(assignment))
        const bucket = buckets.open(session, (region) => listener(regionNote(config, region)))
        opened.set(account.label, session)
        await onOpened?.(account.label, session, bucket)
        openedBuckets.set(account.label, bucket)
        return bucket
      },
    },
    keysOf(label) {
      const session = opened.get(label)
      if (session === undefined) throw new Error(`the session of ${label} is not open`)
      return session
    },
  }
}

function reachOf(assignment: Assignment): Reach {
  return 'logAccounts' in assignment ? assignment.logAccounts : 'all'
}

/** Returns a listener that passes each note once, because accounts share a bucket. Secrets in notes are masked. */
export function onceEach(listener: RunListener): RunListener {
  const told = new Set<string>()
  return (event) => {
    if (event.type !== 'note') return listener(event)
    if (told.has(event.message)) return
    told.add(event.message)
    listener({ ...event, message: maskedText(event.message) })
  }
}

/** Those already warned of the limit: `pull --every` runs for days and warns once. */
const told = new WeakSet<Concurrency>()

function tellOpenFiles(share: Concurrency, listener: RunListener): void {
  const { openFilesLimit, calls } = share
  if (openFilesLimit === undefined || told.has(share)) return
  told.add(share)
  const message = `this run makes only ${calls} calls at a time, because this process may have only ${openFilesLimit} files open: raise that limit (ulimit -n)`
  listener({ type: 'note', level: 'warning', code: 'work.open-files', message })
}

function regionNote(config: Config, region: string) {
  const { bucket, region: configured } = config.trail
  return {
    type: 'note',
    level: 'warning',
    code: 'bucket.other-region',
    message: `${bucket} is in ${region}, not in ${configured}: set trail.region to ${region}`,
  } as const
}
