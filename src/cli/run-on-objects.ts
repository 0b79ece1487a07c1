import type { CrosstrailApp } from '../app/crosstrail.ts'
import type { Outcome } from '../work/outcome.ts'
import type { RunListener } from '../work/run-event.ts'
import { type AccessArgs, withCrosstrail } from './access-args.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfTaking } from './exit-code.ts'
import type { OutputArgs } from './options/output.ts'
import type { RowShape } from './render/result-rows.ts'
import { showRun, type VerifyingCallbacks, type VerifyingReport } from './show-run.ts'

export interface WorkOnObjects {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly dryRun: boolean
  readonly verifies?: boolean | undefined
  readonly shape: RowShape<Outcome>
}

/** Runs a verb that writes objects elsewhere, prints its outcomes in the format of the output options, and returns the exit code. */
export function runOnObjects(
  { aws, output, dryRun, verifies, shape }: WorkOnObjects,
  runtime: Runtime,
  verb: (
    crosstrail: CrosstrailApp,
    whenWritable: () => Promise<void> | undefined,
    on: RunListener,
    verifying: VerifyingCallbacks,
  ) => Promise<VerifyingReport>,
): Promise<number> {
  return withCrosstrail(aws, runtime, async (crosstrail) => {
    const inTable = (outcome: Outcome) => isInTable(outcome, output.verbose)
    const shown = { output, dryRun, verifies, shape, inTable }
    const report = await showRun(shown, runtime, (listener, whenWritable, verifying) =>
      verb(crosstrail, whenWritable, listener, verifying),
    )
    return exitCodeOfTaking(report, runtime.stop())
  })
}

/** The table shows what a dry run would do, and with `--verbose` what was done. Failures are printed on stderr. */
function isInTable(outcome: Outcome, verbose: boolean): boolean {
  if (outcome.status === 'skipped') return outcome.reason === 'dry-run'
  return outcome.status === 'done' && verbose
}
