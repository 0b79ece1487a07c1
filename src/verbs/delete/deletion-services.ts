import { join } from 'node:path'
import type { Account, Config } from '../../config/config.ts'
import { removeFile } from '../../disk/remove-file.ts'
import { CrosstrailError } from '../../error.ts'
import { BucketAdmin, type BucketProtection } from '../../s3/bucket-admin.ts'
import { Bucket } from '../../s3/bucket.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { assignLogAccounts } from '../../work/assignment.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import type { Selection } from '../../work/selection.ts'
import { planDelete } from './make-plan.ts'
import { executeDelete } from './delete.ts'
import type { DeleteHost, DeletingBucket } from './deleting-host.ts'
import { type DeleteJournal, readDeleteJournal } from './read-journal.ts'
import type { DeleteOptions, DeletePlan } from './plan-lines.ts'
import { newestDelete } from './newest-journal.ts'
import { copyOfShown, readPlan } from './plan-reader.ts'
import { copySource, type SourceCopy } from './source-copy.ts'
import { restore, type RestoreReport } from '../restore/restore.ts'
import { accountsByLabel } from '../../config/account-labels.ts'
import type { Host, Reach } from '../host.ts'
import { refuseVerbs } from '../refuse-verbs.ts'
import { restoreRights } from '../restore/rights.ts'
import { runHead } from '../run-head.ts'
import { reachOf } from '../trail-access.ts'
import type { Rights } from '../rights.ts'
import { deleteRights } from './rights.ts'
import { journalFolder } from '../journal-folder.ts'

/** The folder of journals and default plans. Undefined: the user's state folder. */
type JournalDir = string | undefined

export interface PlanRequest {
  readonly selection: Selection
  readonly options: DeleteOptions
  /** By default in the folder of the journals. */
  readonly planFile: string | undefined
  readonly journalDir: JournalDir
}

/** A plan as it is shown before anything is deleted. */
export interface ReadyPlan {
  readonly plan: DeletePlan
  /** What it was read from. Undefined for one that was made just now, whose file is compared with it when it is carried out. */
  readonly copy?: SourceCopy | undefined
  readonly protection: BucketProtection
  /** LIST calls made for it. */
  readonly listCalls: number
}

/**
 * Deleting and taking it back. Every method throws `access.verb-not-allowed` before any call where an account may not delete, and
 * `usage.missing-option` if no folder is named and the user has no home folder.
 */
export interface DeletionServices {
  /** `ready` is missing where not everything could be listed. */
  plan(request: PlanRequest, listener: RunListener): Promise<{ readonly report: RunReport; readonly ready?: ReadyPlan }>
  /**
   * Reads a plan once, into a copy below the folder of the journals. Throws `usage.plan-edited`, `usage.plan-foreign`, `usage.not-a-plan`,
   * `usage.unreadable-file`, `disk.…`.
   */
  openPlan(file: string, journalDir: JournalDir, listener: RunListener): Promise<ReadyPlan>
  /** Removes the file of a plan that was made just now, and that nobody is to carry out. */
  discard(ready: ReadyPlan): void
  /** Throws `usage.plan-edited` where a plan that was made just now is no longer what its file holds. */
  execute(ready: ReadyPlan, journalDir: JournalDir, listener: RunListener): Promise<RunReport>
  /** The journal of the newest delete of this trail. Throws `usage.no-journal`, `disk.…`. */
  newestDelete(journalDir: JournalDir): string
  /** Reads a journal once, like a plan. Throws `usage.not-a-journal`, `usage.journal-…`, `usage.unreadable-file`, `disk.…`. */
  openJournal(file: string, journalDir: JournalDir): Promise<DeleteJournal>
  restore(
    of: DeleteJournal,
    request: { readonly dryRun: boolean; readonly journalDir: JournalDir },
    listener: RunListener,
  ): Promise<RestoreReport>
  /** Lets go of copies. */
  close(): void
}

export function deletionServices(hostOfRun: (listener: RunListener) => Host): DeletionServices {
  const { config, signal, env } = hostOfRun(() => undefined)
  const folderOf = (named: JournalDir) => journalFolder(named, env)
  const headOf = () => runHead(hostOfRun(() => undefined))
  const cache: HostCache = new Map()
  const copies: SourceCopy[] = []
  const kept = (copy: SourceCopy): SourceCopy => {
    copies.push(copy)
    return copy
  }
  const hostOf = (labels: readonly string[], rights: Rights, options: Partial<DeleteOptions>, listener: RunListener) =>
    deleteHost(hostOfRun(listener), { labels, rights, options, cache })
  const planHost = ({ accounts }: Pick<Selection, 'accounts'>, options: DeleteOptions, listener: RunListener) => {
    const { versions, bypassGovernance, archivedIn } = options
    const rights = deleteRights({ versions, bypassGovernance, target: archivedIn })
    return hostOf(accounts, rights, options, listener)
  }
  return {
    async plan({ selection, options: asked, planFile, journalDir }, listener) {
      const folder = folderOf(journalDir)
      const { host, calls } = planHost(selection, asked, listener)
      const protection = await protectionOf(host, selection)
      // Without versioning an object is its only version.
      const options = { ...asked, versions: asked.versions && protection.versioning !== 'off' }
      const { runId } = headOf()
      const file = planFile ?? join(folder, `plan-${runId}.ndjson`)
      const { report, plan } = await planDelete({ selection, options, file, runId }, host)
      return plan === undefined ? { report } : { report, ready: { plan, protection, listCalls: calls.list } }
    },

    async openPlan(file, journalDir, listener) {
      const copy = kept(await copySource(file, { stateFolder: folderOf(journalDir), signal }))
      const plan = await readPlan(copy, signal)
      refuseForeign(plan, config)
      const { host } = planHost(plan.head, plan.head.options, listener)
      return { plan, copy, protection: await protectionOf(host, plan.head.selection), listCalls: 0 }
    },

    discard({ plan, copy }) {
      if (copy === undefined) removeFile(plan.file)
    },

    async execute({ plan, copy: known, protection }, journalDir, listener) {
      const head = headOf()
      const folder = folderOf(journalDir)
      const { host } = planHost(plan.head, plan.head.options, listener)
      const copy = known ?? kept(await copyOfShown(plan, { stateFolder: folder, signal }))
      const journalFile = join(folder, `delete-${head.runId}.ndjson`)
      return executeDelete({ plan, copy, protection, journalFile, ...head }, host)
    },

    newestDelete(journalDir) {
      const folder = folderOf(journalDir)
      const file = newestDelete(folder, config.trail)
      if (file !== undefined) return file
      throw new CrosstrailError('usage.no-journal', `${folder} has no journal of a delete of this trail`, {
        hint: 'name the journal with --journal, or the folder it is in with --journal-dir',
        facts: { folder },
      })
    },

    async openJournal(file, journalDir) {
      const journal = await readDeleteJournal(file, config.trail, { stateFolder: folderOf(journalDir), signal })
      kept(journal.copy)
      return journal
    },

    async restore(of, { dryRun, journalDir }, listener) {
      const head = headOf()
      const { host } = hostOf(of.accounts, restoreRights, {}, listener)
      return restore(
        { of, dryRun, journalFile: join(folderOf(journalDir), `restore-${head.runId}.ndjson`), ...head },
        host,
      )
    },

    close() {
      for (const copy of copies.splice(0)) copy.close()
    },
  }
}

/** Buckets by account, and by what its session may do there: planning and deleting share them. */
type HostCache = Map<string, Promise<DeletingBucket>>

interface HostOptions {
  readonly labels: readonly string[]
  readonly rights: Rights
  readonly options: Partial<DeleteOptions>
  readonly cache: HostCache
}

function deleteHost(base: Host, { labels, rights, options, cache }: HostOptions) {
  const { config, share, signal, nowMs, listener, buckets } = base
  const accounts = accountsByLabel(config, labels)
  for (const account of accounts) refuseVerbs(account, rights)
  const calls = { list: 0 }
  const accountOf = (label: string): Account => {
    const account = accounts.find((candidate) => candidate.label === label)
    if (account === undefined) throw new Error(`no account ${label}`)
    return account
  }
  const codes = new Map<string, Promise<string>>()
  const host: DeleteHost = {
    trail: config.trail,
    accounts,
    open(assignment) {
      const { account: label } = assignment
      const reach = reachOf(assignment)
      const name = JSON.stringify({ label, rights, reach })
      let opened = cache.get(name)
      if (opened === undefined) {
        opened = openBucket(base, accountOf(label), { rights, reach, options, calls })
        cache.set(name, opened)
      }
      return opened
    },
    mfa(label) {
      let code = codes.get(label)
      if (code === undefined) {
        code = mfaOf(accountOf(label), base)
        codes.set(label, code)
      }
      return code
    },
    listings: share.listings,
    maxTasks: share.calls,
    maxAttempts: buckets.maxAttempts,
    listener,
    signal,
    nowMs,
  }
  return { host, calls }
}

interface OpenOptions {
  readonly rights: Rights
  readonly reach: Reach
  readonly options: Partial<DeleteOptions>
  readonly calls: { list: number }
}

async function openBucket(
  { config, session: openSession, buckets }: Host,
  account: Account,
  { rights, reach, options, calls }: OpenOptions,
): Promise<DeletingBucket> {
  const session = await openSession(account, rights, reach)
  const place = (of: typeof config.trail) => {
    const wire = new Bucket(buckets.calls(of, session, () => undefined))
    const admin = new BucketAdmin(buckets.sdkCalls(of, session))
    const listed: Omit<DeletingBucket, 'archive'> = {
      admin,
      listPage(...page) {
        calls.list++
        return wire.listPage(...page)
      },
      get: (...asked) => wire.get(...asked),
      head: (...asked) => admin.head(...asked),
    }
    return listed
  }
  const { archivedIn } = options
  if (archivedIn === undefined) return place(config.trail)
  const { bucket, owner } = archivedIn
  const archive = place({ ...config.trail, bucket, owner: owner as AccountId, requesterPays: false })
  return { ...place(config.trail), archive }
}

/** What is unknown is never taken for off: without a look at the bucket nothing is planned. */
async function protectionOf(host: DeleteHost, { logAccounts }: Selection): Promise<BucketProtection> {
  const assignments = assignLogAccounts(host.accounts, logAccounts)
  const busy = assignments.find((one) => !('logAccounts' in one) || one.logAccounts.length > 0) ?? assignments[0]
  if (busy === undefined) throw new Error('no account takes part')
  const { admin } = await host.open(busy)
  return admin.protection(host.signal)
}

/** The code given on the command line counts for the deletes too: where there is no terminal, there is no other. */
async function mfaOf({ label, mfa, mfaProcess }: Account, { mfaPrompt, mfaCode, signal }: Host): Promise<string> {
  if (mfa === undefined) {
    throw new CrosstrailError('access.mfa-required', `the bucket has MFA Delete, and account ${label} has no device`, {
      hint: `set accounts.${label}.mfa to the ARN or serial number of the device`,
      facts: { account: label },
    })
  }
  return `${mfa} ${mfaCode ?? (await mfaPrompt(mfa, label, { command: mfaProcess, signal }))}`
}

function refuseForeign({ file, head }: DeletePlan, config: Config): void {
  const { trail } = config
  const isSame = (['bucket', 'owner', 'prefix', 'organization'] as const).every(
    (field) => head.trail[field] === trail[field],
  )
  const unknown = head.accounts.find((label) => config.accounts.every((account) => account.label !== label))
  if (isSame && unknown === undefined) return
  const what = isSame ? `deletes through the account ${unknown}` : `is for ${head.trail.bucket} of ${head.trail.owner}`
  throw new CrosstrailError('usage.plan-foreign', `the plan ${file} ${what}`, {
    hint: isSame
      ? 'the config has no such account: name the config that the plan was made with'
      : `the config's trail is ${trail.bucket} of ${trail.owner}: name the config that the plan was made with`,
    facts: { file, bucket: head.trail.bucket, owner: head.trail.owner },
  })
}
