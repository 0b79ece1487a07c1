import { CrosstrailError } from '../../error.ts'
import type { FenceFlags } from '../../verbs/delete/fences.ts'
import type { Selection } from '../../work/selection.ts'
import type { Command, Runtime } from '../command.ts'
import { confirmWord, decide, isTerminal, notConfirmed } from '../confirm.ts'
import type { ReadyPlan } from '../../verbs/delete/deletion-services.ts'
import { exitCodeOfWork, exitCodes } from '../exit-code.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import {
  type AskedOptions,
  deletingOptions,
  readDeleteOptions,
  readDeleteSelection,
  readFences,
  refuseBesidePlan,
  saidByPlan,
} from '../options/deleting.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { selecting } from '../options/selecting.ts'
import { accountPositionals } from '../positionals.ts'
import type { ShownPlan } from '../render/plan-text.ts'
import { paintFor } from '../render/colour.ts'
import { errorText } from '../render/error-text.ts'
import { LineWriter } from '../render/line-writer.ts'
import { terminalWidth } from '../render/terminal-width.ts'
import { type AccessArgs, withCrosstrail } from '../access-args.ts'
import type { CrosstrailApp } from '../../app/crosstrail.ts'
import { suggestedCommand } from '../suggested-command.ts'
import { skipNote } from '../skip-meanings.ts'

export interface DeleteArgs {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  /** A plan that is there, or what to plan. */
  readonly from:
    | { readonly plan: string }
    | { readonly selection: Selection; readonly options: AskedOptions; readonly planFile: string | undefined }
  readonly fences: FenceFlags
  readonly dryRun: boolean
  readonly yes: boolean
  /** Undefined: the user's state folder. */
  readonly journalDir: string | undefined
}

const examples = [
  { does: 'What would go', line: 'crosstrail delete Z --older-than 400d --dry-run' },
  { does: 'The same, and then a question', line: 'crosstrail delete Z --older-than 400d' },
  { does: 'One person plans', line: 'crosstrail delete Z --older-than 400d --plan spring.ndjson' },
  { does: 'and another looks at it and deletes', line: 'crosstrail delete --from-plan spring.ndjson' },
  {
    does: 'Only what was copied to the archive before',
    line: 'crosstrail delete Z --older-than 400d --archived-in s3://archive-bucket/trail --yes',
  },
]

const options = { ...deletingOptions, ...selecting, ...awsOptions, ...outputOptions }

/** What is typed again where a plan is carried out: neither what it says, nor what the suggestion says itself. */
const besidePlan = Object.fromEntries(
  Object.entries(options).filter(([name]) => !(name in saidByPlan) && !['from-plan', 'yes', 'dry-run'].includes(name)),
)

export const deleteLogs: Command<typeof options, DeleteArgs> = {
  name: 'delete',
  summary: 'Show what would be deleted, then delete it',
  notes: [
    'Shows its plan first. --yes acts; a terminal is asked for the name of the bucket; without either nothing is deleted, and the exit code is 4, unless --dry-run or --plan asks for the plan alone. The plan is a file, and exactly what it names is deleted, each object only while it is still the one that was listed.',
    'Digests stay unless --kind digest is named. On a versioned bucket the command restore takes a delete back.',
    skipNote('foreign'),
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs) {
    const fromPlan = values['from-plan']
    if (fromPlan !== undefined) refuseBesidePlan(values, labels)
    return {
      aws: readAws(values),
      output: readOutput(values),
      from:
        fromPlan === undefined
          ? {
              selection: readDeleteSelection(values, labels, nowMs),
              options: readDeleteOptions(values),
              planFile: values.plan,
            }
          : { plan: fromPlan },
      fences: readFences(values),
      dryRun: values['dry-run'],
      yes: values.yes,
      journalDir: values['journal-dir'],
    }
  },

  async run(args, runtime) {
    const writer = new LineWriter(runtime.stdout)
    const { outcomeShape } = await import('../render/outcome-row.ts')
    const { showRun } = await import('../show-run.ts')
    return withCrosstrail(args.aws, runtime, async (crosstrail) => {
      const prepared = await prepare(args, crosstrail, writer, runtime)
      if ('exitCode' in prepared) return prepared.exitCode
      const { ready } = prepared
      const fences = await fencesOf(ready, args, runtime)
      const kept = 'plan' in args.from || (fences.length === 0 && !(args.dryRun && args.from.planFile === undefined))
      if (!kept) crosstrail.deletion.discard(ready)
      await show({ ready, kept, fences }, args, writer, runtime)
      if (fences.length > 0) return exitCodes.usage
      if (!(await isToAct(ready, kept, args, runtime))) return exitCodes.ok
      const { output, journalDir } = args
      const report = await showRun(
        { output, dryRun: false, shape: outcomeShape, inTable: () => output.verbose },
        runtime,
        (listener) => crosstrail.deletion.execute(ready, journalDir, listener),
      )
      return exitCodeOfWork(report, runtime.stop())
    })
  },
}

async function prepare(
  { from, output, journalDir }: DeleteArgs,
  crosstrail: CrosstrailApp,
  writer: LineWriter,
  runtime: Runtime,
): Promise<{ readonly ready: ReadyPlan } | { readonly exitCode: number }> {
  const { startTalk } = await import('../render/talk.ts')
  const talk = startTalk({ ...runtime, output, resultsOnStdout: false, failuresOnStdout: false, moves: false })
  try {
    if ('plan' in from) return { ready: await crosstrail.deletion.openPlan(from.plan, journalDir, talk.listener) }
    const { outcomeShape } = await import('../render/outcome-row.ts')
    const { resultRows } = await import('../render/result-rows.ts')
    const { selection, planFile } = from
    const options = await withArchive(from.options, crosstrail)
    const rows = resultRows(output.output, outcomeShape, (line) => writer.write(line))
    const showsKept = output.output === 'json' || output.verbose
    const request = { selection, options, planFile, journalDir }
    const { report, ready } = await crosstrail.deletion.plan(request, (event) => {
      const isKept =
        event.type === 'outcome' && event.outcome.status === 'skipped' && event.outcome.reason !== 'foreign'
      if (isKept && showsKept) rows.write(event.outcome)
      talk.listener(event)
    })
    await writer.flush()
    if (ready !== undefined) return { ready }
    talk.finish(report)
    runtime.stderr.write('no plan was made: not everything could be listed, so nothing is known to be safe to delete\n')
    return { exitCode: exitCodeOfWork(report, runtime.stop()) }
  } finally {
    talk.stop()
  }
}

/** Throws `usage.invalid-value` for what is no place in S3. */
async function withArchive({ archivedIn, archivedOwner, ...options }: AskedOptions, { config }: CrosstrailApp) {
  if (archivedIn === undefined) return options
  const { parseDestination } = await import('../../sinks/bucket/destination.ts')
  const place = parseDestination(archivedIn)
  if (place === undefined) {
    throw new CrosstrailError(
      'usage.invalid-value',
      `--archived-in is ${JSON.stringify(archivedIn)}, expected s3://bucket/prefix`,
    )
  }
  if (place.bucket === config.trail.bucket && place.prefix === '') {
    throw new CrosstrailError('usage.conflict', '--archived-in names the trail itself: every log would be its own twin')
  }
  return { ...options, archivedIn: { ...place, owner: archivedOwner ?? config.trail.owner } }
}

async function fencesOf({ plan }: ReadyPlan, { fences }: DeleteArgs, runtime: Runtime) {
  const { fencesBefore } = await import('../../verbs/delete/fences.ts')
  return fencesBefore(plan.facts, fences, plan.head.selection.kinds, runtime.nowMs)
}

async function show(shown: ShownPlan, args: DeleteArgs, writer: LineWriter, runtime: Runtime): Promise<void> {
  const { deletePlanJson, deletePlanLines } = await import('../render/plan-text.ts')
  const { output, noColor } = args.output
  // The lines of CSV are outcomes.
  if (output === 'csv') runtime.stderr.write(`${deletePlanLines(shown, terminalWidth(runtime.stderr)).join('\n')}\n`)
  else if (output === 'json') writer.write(deletePlanJson(shown))
  else for (const line of deletePlanLines(shown, terminalWidth(runtime.stdout))) writer.write(line)
  await writer.flush()
  const paint = paintFor(runtime.stderr, runtime.env, noColor)
  for (const fence of shown.fences) runtime.stderr.write(`${errorText(fence, output, paint)}\n`)
}

/** Throws `usage.not-confirmed`, `usage.declined`, `interrupted`. */
async function isToAct(
  { plan, copy }: ReadyPlan,
  kept: boolean,
  { from, dryRun, yes, output }: DeleteArgs,
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
    copy?.isLasting === false
      ? 'to delete exactly this, give the same plan again with --yes'
      : `to delete exactly this: ${command}`
  const onlyPlan = 'planFile' in from && from.planFile !== undefined
  switch (decide({ dryRun, yes, terminal: isTerminal(runtime), onlyPlan })) {
    case 'act':
      return true
    case 'ask':
      await confirmWord(`to delete this, type the name of the bucket (${bucket}):`, bucket, runtime)
      return true
    case 'show':
      say(kept ? `nothing was deleted; ${how}` : 'nothing was deleted, and no plan was kept: this was a dry run')
      return false
    case 'refuse':
      throw notConfirmed('nothing was deleted', how)
  }
}
