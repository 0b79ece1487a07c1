import type { Outcome } from '../work/outcome.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import { accountsByLabel } from '../config/account-labels.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfWork } from './exit-code.ts'
import type { OutputArgs } from './options/output.ts'
import { safeJson } from './render/escape.ts'
import { LineWriter } from './render/line-writer.ts'
import { resultRows, type RowShape } from './render/result-rows.ts'
import { startTalk } from './render/talk.ts'
import { type AccessArgs, openForCommand } from './access-args.ts'
import type { CrosstrailApp } from '../app/crosstrail.ts'

export interface WorkOnObjects {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  /** Labels; empty for all. */
  readonly accounts: readonly string[]
  readonly dryRun: boolean
  readonly shape: RowShape<Outcome>
  readonly verb: (
    crosstrail: CrosstrailApp,
    whenWritable: () => Promise<void> | undefined,
    listener: RunListener,
  ) => Promise<RunReport>
}

/** Runs a verb whose result is what it leaves behind, shows its outcomes as the output options want them, and answers the exit code. */
export async function runOnObjects(work: WorkOnObjects, runtime: Runtime): Promise<number> {
  const { output, dryRun } = work
  const crosstrail = await openForCommand(work.aws, runtime)
  const writer = new LineWriter(runtime.stdout)
  const rows = resultRows(output.output, work.shape, (line) => writer.write(line))
  const everyOutcome = output.output !== 'table'
  const resultsOnStdout = everyOutcome || dryRun || output.verbose
  const talk = startTalk({ ...runtime, output, resultsOnStdout, failuresOnStdout: everyOutcome, moves: true })
  try {
    accountsByLabel(crosstrail.config, work.accounts)
    const report = await work.verb(
      crosstrail,
      () => writer.whenWritable(),
      (event) => {
        const shown = event.type === 'outcome' && (everyOutcome || inTable(event.outcome, output.verbose))
        if (shown) rows.write(event.outcome)
        talk.listener(event)
      },
    )
    rows.finish()
    const { verification } = report
    if (verification !== undefined && output.output === 'json') writer.write(safeJson({ verification }))
    await writer.flush()
    talk.finish(report)
    return exitCodeOfWork(report, runtime.stop())
  } finally {
    talk.stop()
    await crosstrail.close()
  }
}

/** The table shows what a dry run would do, and with `--verbose` what was done; failures are told on stderr. */
function inTable(outcome: Outcome, verbose: boolean): boolean {
  if (outcome.status === 'skipped') return outcome.reason === 'dry-run'
  return outcome.status === 'done' && verbose
}
