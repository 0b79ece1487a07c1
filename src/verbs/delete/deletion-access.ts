import type { Account } from '../../config/config.ts'
import { CrosstrailError } from '../../error.ts'
import type { Session } from '../../identity/session.ts'
import type { BucketAccess } from '../../s3/bucket-access.ts'
import { BucketAdmin, type BucketProtection } from '../../s3/bucket-admin.ts'
import { Bucket } from '../../s3/bucket.ts'
import { copySource } from '../../sinks/bucket/places.ts'
import type { ReadableSide } from '../../sinks/bucket/sides.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { type Assignment, assignLogAccounts } from '../../work/assignment.ts'
import type { Listing } from '../../work/plan.ts'
import type { Selection } from '../../work/selection.ts'
import type { Host } from '../host.ts'
import { refuseVerbs } from '../refuse-verbs.ts'
import { accessTrail, type TrailAccess } from '../trail-access.ts'
import type { PlannedOptions } from './plan-lines.ts'

/** The trail's bucket and the archive, through the session of one account. */
export interface DeletingBucket extends Listing {
  readonly admin: BucketAdmin
  readonly source: ReadableSide
  readonly archive?: (Listing & ReadableSide) | undefined
}

export interface DeletionAccess extends Pick<TrailAccess, 'keysOf'> {
  readonly request: Omit<TrailAccess['request'], 'openBucket'> & {
    readonly openBucket: (assignment: Assignment) => Promise<DeletingBucket>
  }
  /** `SERIAL CODE`. Each account is asked for its code once. Throws `access.mfa-…`. */
  readonly mfa: (account: string) => Promise<string>
  /**
   * Asks through the first of these accounts that has a session; by default, only through one that has logs to list.
   * Throws if it cannot be read: unknown protection never counts as none.
   */
  readonly protection: (labels?: readonly string[]) => Promise<BucketProtection>
  /** LIST calls so far. */
  readonly listCalls: () => number
}

/** Throws `usage.unknown-account`, and `access.verb-not-allowed` before any call. */
export function accessDeletion(
  host: Host,
  { accounts: labels, logAccounts }: Pick<Selection, 'accounts' | 'logAccounts'>,
  archivedIn?: PlannedOptions['archivedIn'],
): DeletionAccess {
  const { config, buckets, rights, signal } = host
  const trail = accessTrail({ ...host, session: keptSessions(host) }, { accounts: labels, rights })
  const { accounts } = trail.request
  for (const account of accounts) refuseVerbs(account, rights)
  let listCalls = 0
  const listPage =
    (wire: Bucket): Listing['listPage'] =>
    (...page) => {
      listCalls++
      return wire.listPage(...page)
    }
  const archiveOf = (session: Session): DeletingBucket['archive'] => {
    if (archivedIn === undefined) return undefined
    const { bucket, owner } = archivedIn
    const place = { ...config.trail, bucket, owner: owner as AccountId, requesterPays: false }
    const wire = new Bucket(buckets.calls(place, session, () => undefined))
    return { ...copySource(buckets, place, session, wire), listPage: listPage(wire) }
  }
  const openBucket = async (assignment: Assignment): Promise<DeletingBucket> => {
    const wire = await trail.request.openBucket(assignment)
    const session = trail.keysOf(assignment.account)
    return {
      listPage: listPage(wire),
      admin: new BucketAdmin(buckets.sdkCalls(config.trail, session)),
      source: copySource(buckets, config.trail, session, wire),
      archive: archiveOf(session),
    }
  }
  const codes = new Map<string, Promise<string>>()
  return {
    keysOf: trail.keysOf,
    request: { ...trail.request, openBucket },
    mfa(label) {
      const code = codes.get(label) ?? mfaOf(accounts, label, host)
      codes.set(label, code)
      return code
    },
    async protection(labels = []) {
      const assignments = assignLogAccounts(accounts, logAccounts)
      const busy = assignments.find((one) => !('logAccounts' in one) || one.logAccounts.length > 0) ?? assignments[0]
      const asked = labels.length === 0 ? [busy] : assignments.filter(({ account }) => labels.includes(account))
      let failure: unknown = new Error('no account takes part')
      for (const assignment of asked.filter((one) => one !== undefined)) {
        try {
          const { admin } = await openBucket(assignment)
          return await admin.protection(signal)
        } catch (error) {
          failure = error
        }
      }
      throw failure
    },
    listCalls: () => listCalls,
  }
}

const sessions = new WeakMap<BucketAccess, Map<string, Promise<Session>>>()

/** A delete uses the sessions of its plan, because an MFA code is good for one session only. */
function keptSessions({ buckets, session }: Host): Host['session'] {
  const kept = sessions.get(buckets) ?? new Map<string, Promise<Session>>()
  sessions.set(buckets, kept)
  return (account, rights, reach) => {
    const name = JSON.stringify([account.label, rights, reach])
    const opened = kept.get(name) ?? session(account, rights, reach)
    kept.set(name, opened)
    opened.catch(() => kept.delete(name))
    return opened
  }
}

/** The code given on the command line counts here too: without a terminal there is no other. */
async function mfaOf(
  accounts: readonly Account[],
  label: string,
  { mfaPrompt, mfaCode, signal }: Host,
): Promise<string> {
  const { mfa, mfaProcess } = accounts.find((account) => account.label === label) ?? {}
  if (mfa === undefined) {
    throw new CrosstrailError('access.mfa-required', `the bucket has MFA Delete, and account ${label} has no device`, {
      hint: `set accounts.${label}.mfa to the ARN or serial number of the device`,
      facts: { account: label },
    })
  }
  return `${mfa} ${mfaCode ?? (await mfaPrompt(mfa, label, { command: mfaProcess, signal }))}`
}
