import type { ProofReport, VerifyReport } from '../verbs/verify/report.ts'
import type { VerifyResult } from '../verbs/verify/result.ts'
import type { Outcome } from '../work/outcome.ts'
import type { VerifyFinding } from '../verbs/verify/finding.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import type { OutputArgs } from './options/output.ts'
import { paintFor } from './render/colour.ts'
import { errorText } from './render/error-text.ts'
import { safeJson } from './render/escape.ts'
import { findingTeller } from './render/findings.ts'
import { LineWriter } from './render/line-writer.ts'
import { resultRows, type RowShape } from './render/result-rows.ts'
import { startTalk } from './render/talk.ts'
import { takenResults } from './render/taken-results.ts'
import { proofLines, proofRecord, verifyRecord, verifySummary } from './render/verify-summary.ts'

/** The report of a run that may verify the logs that it takes. */
export type VerifyingReport = RunReport & {
  readonly verified?: VerifyReport | undefined
  readonly proof?: ProofReport | undefined
}

/** What shows the results of verifying. */
export interface VerifyingCallbacks {
  readonly onResult: (result: VerifyResult) => void
  readonly onFinding: (finding: VerifyFinding) => void
}

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
export async function showRun<R extends VerifyingReport>(
  { output, dryRun, verifies = false, shape, inTable }: Shown,
  runtime: Runtime,
  verb: (
    listener: RunListener,
    whenWritable: () => Promise<void> | undefined,
    verifying: VerifyingCallbacks,
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
    const onFinding = findingTeller(output, writer, runtime)
    const report = await verb(listener, () => writer.whenWritable(), { onResult, onFinding })
    rows.finish()
    const { verified, proof } = report
    const verification = verified === undefined ? report.verification : verifyRecord(verified)
    if (verification !== undefined && output.output === 'json') writer.write(safeJson({ verification }))
    if (proof !== undefined && output.output === 'json') writer.write(safeJson({ proof: proofRecord(proof) }))
    await writer.flush()
    talk.finish(report)
    if (verified?.error !== undefined) {
      stderr.write(`${errorText(verified.error, output.output, paintFor(stderr, env, output.noColor))}\n`)
    }
    if (verified !== undefined && !output.quiet && output.output !== 'json') {
      stderr.write(`${verifySummary(verified, output.output).join('\n')}\n`)
    }
    if (proof !== undefined && !output.quiet) {
      stderr.write(`${proofLines(proof, report).join('\n')}\n`)
    }
    return report
  } finally {
    talk.stop()
  }
}
