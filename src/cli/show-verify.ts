import type { VerifyReport } from '../verbs/verify/report.ts'
import type { VerifyResult } from '../verbs/verify/result.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfVerify } from './exit-code.ts'
import type { OutputArgs } from './options/output.ts'
import { paintFor } from './render/colour.ts'
import { errorText } from './render/error-text.ts'
import { LineWriter } from './render/line-writer.ts'
import { resultRows } from './render/result-rows.ts'
import { startTalk } from './render/talk.ts'
import { terminalWidth } from './render/terminal-width.ts'
import { chainTable } from './render/verify-chains.ts'
import { findingLine, verifyShape } from './render/verify-rows.ts'
import { verifySummary } from './render/verify-summary.ts'

type Verify = (
  onResult: (result: VerifyResult) => void,
  whenWritable: () => Promise<void> | undefined,
  listener: RunListener,
) => Promise<VerifyReport>

/** Verifies, shows findings as they come and then a table of the chains, and returns the exit code. */
export async function showVerify(output: OutputArgs, runtime: Runtime, verify: Verify): Promise<number> {
  const { stdout, stderr, env, stop } = runtime
  const writer = new LineWriter(stdout)
  const isTable = output.output === 'table'
  const rows = isTable ? undefined : resultRows(output.output, verifyShape, (line) => writer.write(line))
  const paint = paintFor(stdout, env, output.noColor)
  const talk = startTalk({ ...runtime, output, resultsOnStdout: true, failuresOnStdout: false, moves: false })
  const onResult = (result: VerifyResult) => {
    if (rows !== undefined) rows.write(result)
    else if (result.type === 'finding') writer.write(findingLine(result.finding, paint))
  }
  try {
    const report = await verify(onResult, () => writer.whenWritable(), talk.listener)
    rows?.finish()
    if (isTable) for (const line of chainTable(report, terminalWidth(stdout))) writer.write(line)
    await writer.flush()
    talk.stop()
    for (const error of [report.error, report.evidence?.timestampError]) {
      if (error === undefined) continue
      stderr.write(`${errorText(error, output.output, paintFor(stderr, env, output.noColor))}\n`)
    }
    // Whoever closed stdout must still learn that there is no evidence.
    if (!output.quiet && (stop() !== 'output-closed' || report.evidence !== undefined)) {
      stderr.write(`${verifySummary(report, output.output).join('\n')}\n`)
    }
    return exitCodeOfVerify(report, stop())
  } finally {
    talk.stop()
  }
}
