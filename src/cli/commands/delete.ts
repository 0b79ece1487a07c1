import type { CrosstrailApp } from '../../app/crosstrail.ts'
import type { ProofReport } from '../../verbs/verify/report.ts'
import type { PlanDeleteOptions, SafetyLimits } from '../../verbs/delete/options.ts'
import type { PlannedDelete, ReadyPlan } from '../../verbs/delete/ready-plan.ts'
import type { RunReport } from '../../work/run-event.ts'
import { type AccessArgs, withCrosstrail } from '../access-args.ts'
import type { Command, Runtime } from '../command.ts'
import { confirmWord, decide, isTerminal, notConfirmed } from '../confirm.ts'
import { exitCodeOfWork, exitCodes, hasFindings } from '../exit-code.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { CrosstrailError } from '../../error.ts'
import type { Shard } from '../../trail/shard.ts'
import { deletingOptions, readLimits, readPlanning, refuseBesidePlan, saidByPlan } from '../options/deleting.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { selecting } from '../options/selecting.ts'
import { shardOptions } from '../options/sharding.ts'
import { accountPositionals } from '../positionals.ts'
import { paintFor } from '../render/colour.ts'
import { errorText } from '../render/error-text.ts'
import { safeJson } from '../render/escape.ts'
import { LineWriter } from '../render/line-writer.ts'
import { terminalWidth } from '../render/terminal-width.ts'
import { skipNote } from '../skip-meanings.ts'
import { suggestedCommand } from '../suggested-command.ts'

export interface DeleteArgs {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  /** An existing plan, or what to plan. */
  readonly from:
    | { readonly plan: string }
    | Omit<PlanDeleteOptions, keyof SafetyLimits | 'keep' | 'journalDir' | 'onFinding'>
  readonly limits: SafetyLimits
  readonly dryRun: boolean
  readonly yes: boolean
  /** Undefined: the user's state folder. */
  readonly journalDir: string | undefined
  /** Carry out only this part of an existing plan. */
  readonly shard: Shard | undefined
}

const examples = [
  { does: 'Show what would be deleted', line: 'crosstrail delete Z --older-than 400d --dry-run' },
  { does: 'Show it, and delete it after a confirmation', line: 'crosstrail delete Z --older-than 400d' },
  { does: 'One person makes a plan', line: 'crosstrail delete Z --older-than 400d --plan spring.ndjson' },
  { does: 'Another person reviews it and deletes', line: 'crosstrail delete --from-plan spring.ndjson' },
  {
    does: 'Delete only logs that are proven to be what CloudTrail delivered',
    line: "crosstrail delete Z --from '430d ago' --older-than 400d --verified",
  },
  {
    does: 'Delete only logs that have a copy in the archive',
    line: 'crosstrail delete Z --older-than 400d --archived-in s3://archive-bucket/trail --yes',
  },
]

const options = { ...deletingOptions, ...selecting, ...shardOptions, ...awsOptions, ...outputOptions }

/** The options that a suggested command repeats: those that the plan does not contain. */
const besidePlan = Object.fromEntries(
  Object.entries(options).filter(([name]) => !(name in saidByPlan) && !['from-plan', 'yes', 'dry-run'].includes(name)),
)

export const deleteLogs: Command<typeof options, DeleteArgs> = {
  name: 'delete',
  summary: 'Show what would be deleted, then delete it',
  notes: [
    'Shows its plan first. With --yes it then deletes. On a terminal it asks for the name of the bucket. Otherwise it deletes nothing and exits with 4, or with 0 if --dry-run or --plan asks for the plan alone. The plan is a file. Exactly the objects that it names are deleted, each one only if it is still the object that was listed.',
    'With --verified each log is read and verified while the plan is made, as verify does it. The others are kept as unverified.',
    'Digests stay unless you give --kind digest. On a versioned bucket, the restore command undoes a delete.',
    skipNote('foreign'),
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs) {
    const fromPlan = values['from-plan']
    const { shard } = values
    if (fromPlan !== undefined) refuseBesidePlan(values, labels)
    else if (shard !== undefined) throw shardWithoutPlan()
    return {
      aws: readAws(values),
      output: readOutput(values),
      from: fromPlan === undefined ? readPlanning(values, labels, nowMs) : { plan: fromPlan },
      limits: readLimits(values),
      dryRun: values['dry-run'],
      yes: values.yes,
      journalDir: values['journal-dir'],
      shard,
    }
  },

  async run(args, runtime) {
    const writer = new LineWriter(runtime.stdout)
    const { outcomeShape } = await import('../render/outcome-row.ts')
    const { showRun } = await import('../show-run.ts')
    return withCrosstrail(args.aws, runtime, async (crosstrail) => {
      const prepared = await prepare(args, crosstrail, writer, runtime)
      if ('exitCode' in prepared) return prepared.exitCode
      const { ready, proof } = prepared
      await show(prepared, args, writer, runtime)
      if (ready.refusals.length > 0) return exitCodes.usage
      const whenDone = hasFindings(proof) ? exitCodes.failures : exitCodes.ok
      if (!(await isToAct(ready, args, runtime))) return whenDone
      const { output, journalDir, limits, shard } = args
      const report = await showRun(
        { output, dryRun: false, shape: outcomeShape, inTable: () => output.verbose },
        runtime,
        (listener) => crosstrail.delete({ plan: ready.plan, journalDir, shard, ...limits }, listener),
      )
      return exitCodeOfWork({ ...report, proof }, runtime.stop())
    })
  },
}

function shardWithoutPlan(): CrosstrailError {
  return new CrosstrailError('usage.shard', 'delete takes --shard only with --from-plan', {
    hint: 'make one plan with --plan, give it to all machines, and let each carry out its shard of it',
    facts: { option: '--shard' },
  })
}

/** A plan. Without a report, it was made before. */
interface Prepared extends Partial<PlannedDelete> {
  readonly ready: ReadyPlan
}

async function prepare(
  { from, limits, dryRun, output, journalDir }: DeleteArgs,
  crosstrail: CrosstrailApp,
  writer: LineWriter,
  runtime: Runtime,
): Promise<Prepared | { readonly exitCode: number }> {
  const { startTalk } = await import('../render/talk.ts')
  const talk = startTalk({ ...runtime, output, resultsOnStdout: false, failuresOnStdout: false, moves: false })
  try {
    if ('plan' in from) {
      const plan = await crosstrail.readPlan({ file: from.plan, journalDir })
      return { ready: await crosstrail.checkPlan({ plan, ...limits }, talk.listener) }
    }
    const { outcomeShape } = await import('../render/outcome-row.ts')
    const { resultRows } = await import('../render/result-rows.ts')
    const { findingTeller } = await import('../render/findings.ts')
    const rows = resultRows(output.output, outcomeShape, (line) => writer.write(line))
    const showsKept = output.output === 'json' || output.verbose
    const keep = !dryRun || from.planFile !== undefined
    const onFinding = findingTeller(output, writer, runtime)
    const planning = { ...from, ...limits, keep, journalDir, onFinding }
    const { report, ready, proof } = await crosstrail.planDelete(planning, (event) => {
      const isKept =
        event.type === 'outcome' && event.outcome.status === 'skipped' && event.outcome.reason !== 'foreign'
      if (isKept && showsKept) rows.write(event.outcome)
      talk.listener(event)
    })
    await writer.flush()
    if (ready !== undefined) return { report, ready, proof }
    talk.finish(report)
    runtime.stderr.write(
      'no plan was made, because something could not be listed: no deletion is known to be safe without it\n',
    )
    return { exitCode: exitCodeOfWork(report, runtime.stop()) }
  } finally {
    talk.stop()
  }
}

async function show(
  { report, ready, proof }: Prepared,
  args: DeleteArgs,
  writer: LineWriter,
  runtime: Runtime,
): Promise<void> {
  const { deletePlanJson, deletePlanLines } = await import('../render/plan-text.ts')
  const { output, noColor, quiet } = args.output
  // CSV on stdout has outcomes only.
  if (output === 'csv') runtime.stderr.write(`${deletePlanLines(ready, terminalWidth(runtime.stderr)).join('\n')}\n`)
  else if (output === 'json') writer.write(deletePlanJson(ready))
  else for (const line of deletePlanLines(ready, terminalWidth(runtime.stdout))) writer.write(line)
  if (proof !== undefined && report !== undefined) {
    await showProof(proof, report, { json: output === 'json', quiet }, writer, runtime)
  }
  await writer.flush()
  const paint = paintFor(runtime.stderr, runtime.env, noColor)
  for (const refusal of ready.refusals) runtime.stderr.write(`${errorText(refusal, output, paint)}\n`)
}

/** Shows what was proven while the plan was made. The plan itself says which keys prove it. */
async function showProof(
  proof: ProofReport,
  report: RunReport,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
  writer: LineWriter,
  { stderr }: Runtime,
): Promise<void> {
  const { proofLines, proofRecord } = await import('../render/verify-summary.ts')
  const { formatCount } = await import('../render/quantity.ts')
  if (json) writer.write(safeJson({ proof: proofRecord(proof) }))
  if (quiet) return
  const gone = proof.streams.flatMap(({ chains }) => chains).reduce((sum, { logsMissing }) => sum + logsMissing, 0)
  const lines = proofLines(proof, report)
  if (gone > 0) lines.push(`${formatCount(gone)} logs that digests list are gone already`)
  stderr.write(`${lines.join('\n')}\n`)
}

/** Throws `usage.not-confirmed`, `usage.declined`, `interrupted`. */
async function isToAct(
  { plan, isKept }: ReadyPlan,
  { from, dryRun, yes, output, shard }: DeleteArgs,
  runtime: Runtime,
): Promise<boolean> {
  const say = (line: string) => output.quiet || runtime.stderr.write(`${line}\n`)
  if (plan.facts.planned.deletions === 0) {
    say('nothing to delete')
    return false
  }
  const { bucket } = plan.head.trail
  const command = suggestedCommand(['delete', '--from-plan', plan.file, '--yes'], runtime.typed, besidePlan)
  const how =
    plan.copy?.isLasting === false
      ? 'to delete exactly this, give the same plan again with --yes'
      : `to delete exactly this: ${command}`
  const onlyPlan = 'planFile' in from && from.planFile !== undefined
  switch (decide({ dryRun, yes, terminal: isTerminal(runtime), onlyPlan })) {
    case 'act':
      if (shard !== undefined) say(`only shard ${shard.index}/${shard.count} of this plan is carried out`)
      return true
    case 'ask':
      await confirmWord(`to delete this, type the name of the bucket (${bucket}):`, bucket, runtime)
      return true
    case 'show':
      say(isKept ? `nothing was deleted; ${how}` : 'nothing was deleted, and no plan was kept: this was a dry run')
      return false
    case 'refuse':
      throw notConfirmed('nothing was deleted', how)
  }
}
