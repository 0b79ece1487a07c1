import { kinds as allKinds, type Kind } from '../../trail/kind.ts'
import { inlineWorker } from '../../work/inline-worker.ts'
import type { RunReport } from '../../work/run-event.ts'
import { run } from '../../work/run.ts'
import type { Names } from '../../work/named-places.ts'
import type { Selection } from '../../work/selection.ts'
import type { DeleteHost, DeletingBucket } from './deleting-host.ts'
import { joinedReports } from './joined-reports.ts'
import { PlanLedger } from './plan-ledger.ts'
import type { DeleteOptions, DeletePlan } from './plan-lines.ts'
import { PlanWriter } from './plan-writer.ts'
import { planningAction } from './planning-action.ts'

export interface DeletePlanRequest {
  /** Of what is deleted. No kinds: every one but digests. */
  readonly selection: Selection
  readonly options: DeleteOptions
  readonly file: string
  readonly runId: string
}

export interface PlannedDelete {
  /** Of the listing: what was looked at is done, what is kept for a reason is skipped. */
  readonly report: RunReport
  /** Undefined where not everything could be listed: then nothing is known to be safe. */
  readonly plan?: DeletePlan | undefined
}

/**
 * Lists all that the accounts hold of the selection's log accounts and regions, whatever its time, and writes down what of it lies in
 * the window: logs first, digests only where none of their logs remains. Deletes nothing. Throws `usage.plan-exists`, `usage.plan-too-large`, `disk.…`.
 */
export async function planDelete(request: DeletePlanRequest, host: DeleteHost): Promise<PlannedDelete> {
  const { selection, options, runId } = request
  const digests = selection.kinds.includes('digest')
  const head = {
    plan: 'crosstrail delete',
    version: 1,
    run: runId,
    created: new Date(host.nowMs).toISOString(),
    trail: host.trail,
    accounts: host.accounts.map(({ label }) => label),
    selection: { ...selection, kinds: selection.kinds.length === 0 ? logKinds : selection.kinds },
    options,
  } as const
  const writer = new PlanWriter(request.file, head)
  try {
    const ledger = new PlanLedger(writer)
    // Which logs remain is known once all kinds have been seen.
    const listed = digests ? logKinds : head.selection.kinds
    const asked = { selection: head.selection, options }
    const named = { ...selection, kinds: selection.kinds.filter((kind) => listed.includes(kind)) }
    const reports = [await listKinds(listed, { ...asked, named }, ledger, host)]
    if (digests && reports.every(isWhole)) {
      // The first listing told which log accounts and regions the bucket lacks.
      const named: Names = { logAccounts: [], regions: [], kinds: ['digest'] }
      reports.push(await listKinds(['digest'], { ...asked, named }, ledger, host))
    }
    const report = joinedReports(reports)
    if (!isWhole(report)) return { report }
    return { report, plan: writer.commit(ledger.facts()) }
  } finally {
    writer.abort()
  }
}

const logKinds = allKinds.filter((kind) => kind !== 'digest')

async function listKinds(
  kinds: readonly Kind[],
  { selection, named, options }: Pick<DeletePlanRequest, 'selection' | 'options'> & { readonly named: Names },
  ledger: PlanLedger,
  host: DeleteHost,
): Promise<RunReport> {
  return run<DeletingBucket>({
    layout: host.trail,
    accounts: host.accounts,
    // What the filters leave out remains, and is to be known.
    selection: { ...selection, kinds, window: {}, include: [], exclude: [] },
    named,
    sorted: false,
    listener: host.listener,
    signal: host.signal,
    openBucket: (assignment) => host.open(assignment),
    startWorker: (frame) =>
      inlineWorker<DeletingBucket>({
        ...frame,
        action: planningAction(selection, options, ledger, frame.bucketOf, frame.actSignal),
        filter: () => true,
        listings: host.listings,
        maxTasks: host.maxTasks,
        nowMs: () => host.nowMs,
      }),
  })
}

function isWhole({ error, interrupted, accounts, total }: RunReport): boolean {
  return (
    error === undefined &&
    !interrupted &&
    total.failed === 0 &&
    accounts.every((account) => account.error === undefined)
  )
}
