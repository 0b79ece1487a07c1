import type { Outcome } from '../work/outcome.ts'
import type { ProofReport } from '../verbs/verify/report.ts'
import type { VerifyFinding } from '../verbs/verify/finding.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import type { OutputArgs } from './options/output.ts'
import { safeJson } from './render/escape.ts'
import { findingTeller } from './render/findings.ts'
import { LineWriter } from './render/line-writer.ts'
import { resultRows, type RowShape } from './render/result-rows.ts'
import { startTalk } from './render/talk.ts'
import { proofLines, proofRecord } from './render/verify-summary.ts'

interface Shown {
  readonly output: OutputArgs
  readonly dryRun: boolean
  readonly shape: RowShape<Outcome>
  /** Whether the table shows an outcome. JSON and CSV have all. */
  readonly inTable: (outcome: Outcome) => boolean
}

/** Runs a verb that acts on objects. Outcomes go to stdout as they come, everything else to stderr. */
export async function showRun<R extends RunReport & { readonly proof?: ProofReport | undefined }>(
  { output, dryRun, shape, inTable }: Shown,
  runtime: Runtime,
  verb: (
    listener: RunListener,
    whenWritable: () => Promise<void> | undefined,
    onFinding: (finding: VerifyFinding) => void,
  ) => Promise<R>,
): Promise<R> {
  const writer = new LineWriter(runtime.stdout)
  const rows = resultRows(output.output, shape, (line) => writer.write(line))
  const everyOutcome = output.output !== 'table'
  const resultsOnStdout = everyOutcome || dryRun || output.verbose
  const talk = startTalk({ ...runtime, output, resultsOnStdout, failuresOnStdout: everyOutcome, moves: true })
  const listener: RunListener = (event) => {
    if (event.type === 'outcome' && (everyOutcome || inTable(event.outcome))) rows.write(event.outcome)
    talk.listener(event)
  }
  try {
    const report = await verb(listener, () => writer.whenWritable(), findingTeller(output, writer, runtime))
    rows.finish()
    const { verification, proof } = report
    if (verification !== undefined && output.output === 'json') writer.write(safeJson({ verification }))
    if (proof !== undefined && output.output === 'json') writer.write(safeJson({ proof: proofRecord(proof) }))
    await writer.flush()
    talk.finish(report)
    if (proof !== undefined && !output.quiet) {
      runtime.stderr.write(`${proofLines(proof, report).join('\n')}\n`)
    }
    return report
  } finally {
    talk.stop()
  }
}
