import type { VerifyReport } from '../verbs/verify/report.ts'
import type { VerifyResult } from '../verbs/verify/result.ts'
import type { Outcome } from '../work/outcome.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import type { OutputArgs } from './options/output.ts'
import { paintFor } from './render/colour.ts'
import { errorText } from './render/error-text.ts'
import { safeJson } from './render/escape.ts'
import { LineWriter } from './render/line-writer.ts'
import { resultRows, type RowShape } from './render/result-rows.ts'
import { startTalk } from './render/talk.ts'
import { takenResults } from './render/taken-results.ts'
import { verifyRecord, verifySummary } from './render/verify-summary.ts'

interface Shown {
  readonly output: OutputArgs
  readonly dryRun: boolean
  /** Whether the logs are verified afterwards. */
  readonly verifies?: boolean | undefined
  readonly shape: RowShape<Outcome>
  /** Whether the table shows an outcome. JSON and CSV have all. */
  readonly inTable: (outcome: Outcome) => boolean
}

/** Runs a verb that acts on objects. Outcomes go to stdout as they come, everything else to stderr. */
export async function showRun<R extends RunReport & { readonly verified?: VerifyReport | undefined }>(
  { output, dryRun, verifies = false, shape, inTable }: Shown,
  runtime: Runtime,
  verb: (
    listener: RunListener,
    whenWritable: () => Promise<void> | undefined,
    onResult: (result: VerifyResult) => void,
  ) => Promise<R>,
): Promise<R> {
  const writer = new LineWriter(runtime.stdout)
  const rows = resultRows(output.output, shape, (line) => writer.write(line))
  const everyOutcome = output.output !== 'table'
  const resultsOnStdout = everyOutcome || dryRun || verifies || output.verbose
  const { env, stderr, stdout } = runtime
  const onResult = takenResults({
    format: output.output,
    paint: paintFor(output.output === 'csv' ? stderr : stdout, env, output.noColor),
    result: (line) => writer.write(line),
    message: (line) => void stderr.write(`${line}\n`),
  })
  const talk = startTalk({ ...runtime, output, resultsOnStdout, failuresOnStdout: everyOutcome, moves: true })
  const listener: RunListener = (event) => {
    if (event.type === 'outcome' && (everyOutcome || inTable(event.outcome))) rows.write(event.outcome)
    talk.listener(event)
  }
  try {
    const report = await verb(listener, () => writer.whenWritable(), onResult)
    rows.finish()
    const { verified } = report
    const verification = verified === undefined ? report.verification : verifyRecord(verified)
    if (verification !== undefined && output.output === 'json') writer.write(safeJson({ verification }))
    await writer.flush()
    talk.finish(report)
    if (verified?.error !== undefined) {
      stderr.write(`${errorText(verified.error, output.output, paintFor(stderr, env, output.noColor))}\n`)
    }
    if (verified !== undefined && !output.quiet && output.output !== 'json') {
      stderr.write(`${verifySummary(verified, output.output).join('\n')}\n`)
    }
    return report
  } finally {
    talk.stop()
  }
}
