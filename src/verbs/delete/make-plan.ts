import { join, resolve } from 'node:path'
import { filePath, folderPath } from '../../config/place-text.ts'
import { wrongValue } from '../../config/text-value.ts'
import { CrosstrailError } from '../../error.ts'
import { parseDestination } from '../../sinks/bucket/destination.ts'
import { kinds as allKinds } from '../../trail/kind.ts'
import type { Trail } from '../../trail/trail.ts'
import { Limits } from '../../work/limits.ts'
import type { Names } from '../../work/named-places.ts'
import type { RunReport } from '../../work/run-event.ts'
import { run } from '../../work/run.ts'
import { isWholeRun } from '../../work/whole-run.ts'
import type { Host } from '../host.ts'
import { journalFolder } from '../journal-folder.ts'
import { runHead } from '../run-head.ts'
import type { UsedKey } from '../verify/report.ts'
import { keysFrom } from '../verify/options.ts'
import { accessDeletion, type DeletingBucket, type DeletionAccess } from './deletion-access.ts'
import { callsFor } from './deletion-batches.ts'
import { joinedReports } from './joined-reports.ts'
import { listVerified } from './list-verified.ts'
import { type PlanDeleteOptions, refuseContradictions } from './options.ts'
import type { PlanKey } from './plan-facts.ts'
import { PlanLedger } from './plan-ledger.ts'
import type { PlannedOptions } from './plan-lines.ts'
import { PlanVerification } from './plan-verification.ts'
import { PlanWriter } from './plan-writer.ts'
import { type PlanJob, planningAction } from './planning-action.ts'
import type { PlannedDelete } from './ready-plan.ts'
import { exceededLimits } from './safety-limits.ts'

const logKinds = allKinds.filter((kind) => kind !== 'digest')

/**
 * Lists everything that the accounts hold of the selection's log accounts and regions, at any time, and plans to delete what is in the
 * window. A digest is planned only if none of its logs remains.
 */
export async function makePlan(options: PlanDeleteOptions, host: Host): Promise<PlannedDelete> {
  refuseContradictions(options)
  const { trail } = host.config
  const planned = plannedOptions(options, trail)
  const folder = journalFolder(options.journalDir, host.env)
  const file = options.planFile === undefined ? undefined : filePath(options.planFile, 'planFile')
  const access = accessDeletion(host, options.selection, planned.archivedIn)
  const protection = await access.protection()
  const { runId } = runHead(host)
  const { kinds } = options.selection
  const selection = { ...options.selection, kinds: kinds.length === 0 ? logKinds : kinds }
  const head = {
    plan: 'crosstrail delete',
    version: 1,
    run: runId,
    created: new Date(host.nowMs).toISOString(),
    trail,
    accounts: access.request.accounts.map(({ label }) => label),
    selection,
    // Without versioning an object is its only version.
    options: { ...planned, versions: planned.versions && protection.versioning !== 'off' },
  } as const
  const writer = new PlanWriter(file ?? join(folder, `plan-${runId}.ndjson`), head)
  try {
    const ledger = new PlanLedger(writer)
    const job: PlanJob = { verb: 'plan', selection, options: head.options }
    const verification = options.verified ? new PlanVerification(options, host, access.keysOf) : undefined
    const list = (kindsToList: Names['kinds'], named: Names) => {
      const wanted = { ...selection, kinds: selection.kinds.filter((kind) => kindsToList.includes(kind)) }
      if (verification === undefined || wanted.kinds.length === 0) {
        return listAll(job, kindsToList, named, ledger, access, host)
      }
      const { maxInflatedBytes } = options
      const verifying = verification.open(wanted)
      const verified = { job: { ...job, selection: wanted }, kinds: kindsToList, named, ledger, access, verifying }
      return listVerified({ ...verified, maxInflatedBytes }, host)
    }
    // All logs come before the first digest: only then is it known which logs remain.
    const isDigest = kinds.includes('digest')
    const listed = isDigest ? logKinds : selection.kinds
    const first = await list(listed, { ...selection, kinds: kinds.filter((kind) => listed.includes(kind)) })
    const nothingNamed = { logAccounts: [], regions: [], kinds: ['digest'] } as const
    // The first listing has found the missing log accounts and regions.
    const second = isDigest && isWholeRun(first) ? [await list(['digest'], nothingNamed)] : []
    const report = joinedReports([first, ...second])
    const proof = verification?.proof()
    if (!isWholeRun(report)) return { report, proof }
    const facts = { ...ledger.facts(), keys: proof?.keys.map(planKey) }
    const refusals = exceededLimits({ head, facts }, options, host.nowMs)
    const isKept = options.keep && refusals.length === 0
    const plan = writer.commit(facts, isKept)
    const calls = { listCalls: access.listCalls(), deleteCalls: callsFor(facts) }
    return { report, ready: { plan, isKept, protection, refusals, ...calls }, proof }
  } finally {
    writer.abort()
  }
}

/** Throws `usage.invalid-value`, `usage.conflict`. */
function plannedOptions(options: PlanDeleteOptions, trail: Trail): PlannedOptions {
  const { versions, bypassGovernance, archivedIn, archivedOwner, archivedDir } = options
  const from = keysFrom(options)
  const how = { versions, bypassGovernance, ...(from !== undefined && { verified: { keysFrom: from } }) }
  if (archivedDir !== undefined) return { ...how, archivedDir: resolve(folderPath()(archivedDir, 'archivedDir')) }
  if (archivedIn === undefined) return how
  const place = parseDestination(archivedIn)
  if (place === undefined) throw wrongValue('--archived-in', archivedIn, 's3://bucket/prefix')
  if (place.bucket === trail.bucket && place.prefix === '') {
    throw new CrosstrailError(
      'usage.conflict',
      '--archived-in names the trail itself: every log would be its own identical copy',
    )
  }
  return { ...how, archivedIn: { ...place, owner: archivedOwner ?? trail.owner } }
}

function planKey({ region, fingerprint, source, digests }: UsedKey): PlanKey {
  return { region, fingerprint, source, digests }
}

function listAll(
  job: PlanJob,
  kinds: Names['kinds'],
  named: Names,
  ledger: PlanLedger,
  { request, keysOf }: DeletionAccess,
  host: Host,
): Promise<RunReport> {
  return run<DeletingBucket>({
    ...request,
    // What the filters exclude remains, and must be counted.
    selection: { ...job.selection, kinds, window: {}, include: [], exclude: [] },
    named,
    sorted: false,
    startWorker: (frame) =>
      host.work(frame, {
        job,
        open: (carried) => planningAction(carried, ledger, frame.bucketOf, frame.actSignal),
        limits: new Limits({}),
        filter: () => true,
        keysOf,
      }),
  })
}
