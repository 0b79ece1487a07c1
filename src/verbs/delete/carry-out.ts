import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { CrosstrailError } from '../../error.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { isInShard, type Shard } from '../../trail/shard.ts'
import { Journal } from '../../work/journal.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import type { Host } from '../host.ts'
import { journalFolder } from '../journal-folder.ts'
import { runHead } from '../run-head.ts'
import { type DeleteJob, deletingAction } from './deleting-action.ts'
import { accessDeletion, type DeletionAccess } from './deletion-access.ts'
import { callsFor } from './deletion-batches.ts'
import { runDeletions } from './deletion-run.ts'
import { isSameTrail } from './deletion.ts'
import { DigestLedger } from './digest-ledger.ts'
import { withGoneAlready } from './gone-already.ts'
import { withLockReasons } from './lock-reason.ts'
import type { CheckPlanOptions, DeleteOptions } from './options.ts'
import type { PlanGroup } from './plan-facts.ts'
import type { DeletePlan, PlanHead } from './plan-lines.ts'
import { plannedDeletions, type ReadDeletePlan, readShown } from './plan-reader.ts'
import { planSource } from './plan-source.ts'
import type { ReadyPlan } from './ready-plan.ts'
import { exceededLimits } from './safety-limits.ts'

export async function check({ plan, ...limits }: CheckPlanOptions, host: Host): Promise<ReadyPlan> {
  const access = accessPlanned(plan, host)
  const protection = await access.protection(deletingAccounts(plan))
  const refusals = exceededLimits(plan, limits, host.nowMs)
  return { plan, isKept: true, protection, refusals, listCalls: 0, deleteCalls: callsFor(plan.facts) }
}

export async function carryOut(
  { plan: shown, journalDir, shard, ...limits }: DeleteOptions,
  host: Host,
): Promise<RunReport> {
  const access = accessPlanned(shown, host)
  const stateFolder = journalFolder(journalDir, host.env)
  const { copy } = shown
  const plan = copy === undefined ? await readShown(shown, { stateFolder, signal: host.signal }) : { ...shown, copy }
  try {
    const [refusal] = exceededLimits(plan, limits, host.nowMs)
    if (refusal !== undefined) throw refusal
    if (shard !== undefined) refuseLogsAndDigests(plan)
    return await deletePlan(plan, { stateFolder, shard }, access, host)
  } finally {
    if (copy === undefined) plan.copy.close()
  }
}

/**
 * Deletes logs first, then the digests whose logs are all gone. Each deletion is in the journal, on disk, before it is sent. An object that
 * is no longer the planned one stays, and counts as failed; one that is gone counts as done. An account without a session does not stop
 * the others. If something stops all of them, the report's error says so, with the number of deletions made before.
 */
async function deletePlan(
  plan: ReadDeletePlan,
  { stateFolder, shard }: { readonly stateFolder: string; readonly shard: Shard | undefined },
  access: DeletionAccess,
  host: Host,
): Promise<RunReport> {
  const { selection, options } = plan.head
  const { versions, bypassGovernance, verified } = options
  const { versioning, mfaDelete, objectLock } = await access.protection(deletingAccounts(plan))
  const { runId, about } = runHead(host)
  const journal = new Journal(join(stateFolder, `delete-${runId}.ndjson`), {
    run: runId,
    verb: 'delete',
    ...about,
    plan: plan.file,
    sha256: plan.sha256,
    selection,
    shard,
    options: { versions, bypassGovernance, verified: verified !== undefined, versioning },
  })
  const words = { made: 'deletions were made', none: 'nothing was deleted' }
  const totals = shard === undefined ? plan.facts.groups : await shardTotals(plan, shard, host.signal)
  tellTotals(totals, access.request)
  const failedLogs = new DigestLedger()
  const job: DeleteJob = {
    verb: 'delete',
    bypassGovernance: bypassGovernance && objectLock,
    needsMfa: versions && mfaDelete,
    explainsLocks: objectLock,
  }
  const { groups } = plan.facts
  return runDeletions(host, access, { selection, journal, words }, async (makePass) => {
    const pass = (of: readonly PlanGroup[], takes: (object: LogObject) => boolean) =>
      makePass({
        accounts: new Set(of.map(({ account }) => account)),
        read: ({ signal }) => planSource(plan, (object) => takes(object) && isInShard(object.key, shard), signal),
        job,
        take: (_job, batches) => deletingAction(batches, failedLogs),
        async send(how, bucket, account, items) {
          const mfa = how.needsMfa ? await access.mfa(account) : undefined
          const { answered } = await bucket.admin.deleteObjects(items, { bypassGovernance: how.bypassGovernance, mfa })
          const answers = await withGoneAlready(answered, bucket)
          return how.explainsLocks ? withLockReasons(answers, bucket.admin, host.signal) : answers
        },
      })
    const logs = await pass(groups.filter(isLog), isLog)
    const stopped = new Set(logs.accounts.flatMap(({ account, error }) => (error === undefined ? [] : [account])))
    // Their logs remain, even if another account deletes the digests.
    for (const { month, ...place } of groups) {
      if (stopped.has(place.account)) failedLogs.remains({ ...place, deliveredAtMs: Date.parse(month) })
    }
    const digests = groups.filter((group) => !isLog(group) && !stopped.has(group.account))
    if (digests.length > 0 && !logs.interrupted && logs.error === undefined) {
      await pass(digests, (object) => !isLog(object))
    }
  })
}

/** Accounts that delete nothing need no session. */
function deletingAccounts({ facts }: DeletePlan): readonly string[] {
  return [...new Set(facts.groups.map(({ account }) => account))]
}

function isLog({ kind }: Pick<LogObject, 'kind'>): boolean {
  return kind !== 'digest'
}

/** A digest goes only when its logs are gone, and a shard does not know what became of the logs of other shards. */
function refuseLogsAndDigests({ file, facts }: DeletePlan): void {
  if (facts.groups.every(isLog) || !facts.groups.some(isLog)) return
  throw new CrosstrailError(
    'usage.shard',
    `the plan ${file} deletes logs and digests, so it cannot be carried out in shards`,
    {
      hint: 'make two plans: first for the logs, in shards, and then for the digests (--kind digest)',
      facts: { file },
    },
  )
}

type Total = Pick<PlanGroup, 'account' | 'deletions' | 'bytes'>

async function shardTotals(plan: ReadDeletePlan, shard: Shard, signal: AbortSignal): Promise<readonly Total[]> {
  const totals = new Map<string, { account: string; deletions: number; bytes: number }>()
  for await (const { account, object } of plannedDeletions(plan, signal)) {
    if (!isInShard(object.key, shard)) continue
    const total = totals.get(account) ?? { account, deletions: 0, bytes: 0 }
    total.deletions++
    total.bytes += object.sizeBytes
    totals.set(account, total)
  }
  return [...totals.values()]
}

/** The totals are known before the first deletion. */
function tellTotals(
  totals: readonly Total[],
  { accounts, listener }: { readonly accounts: readonly { readonly label: string }[]; readonly listener: RunListener },
): void {
  for (const { label: account } of accounts) {
    const groups = totals.filter((group) => group.account === account)
    const sum = (of: 'deletions' | 'bytes') => groups.reduce((total, group) => total + group[of], 0)
    listener({ type: 'listed', account, objects: sum('deletions'), bytes: sum('bytes') })
    listener({ type: 'listing-finished', account })
  }
}

function accessPlanned({ file, head }: DeletePlan, host: Host): DeletionAccess {
  refuseForeign(file, head, host.config)
  const { accounts, selection, options } = head
  return accessDeletion(host, { accounts, logAccounts: selection.logAccounts }, options.archivedIn)
}

function refuseForeign(file: string, { trail: planned, accounts }: PlanHead, { trail, accounts: known }: Config): void {
  const isSame = isSameTrail(planned, trail)
  const unknown = accounts.find((label) => known.every((account) => account.label !== label))
  if (isSame && unknown === undefined) return
  const what = isSame ? `deletes through the account ${unknown}` : `is for ${planned.bucket} of ${planned.owner}`
  throw new CrosstrailError('usage.plan-foreign', `the plan ${file} ${what}`, {
    hint: isSame
      ? 'the config has no such account: use the config that the plan was made with'
      : `the config's trail is ${trail.bucket} of ${trail.owner}: use the config that the plan was made with`,
    facts: { file, bucket: planned.bucket, owner: planned.owner },
  })
}
