import { refuseUnwritablePage, writePage } from '../app/report-file.ts'
import type { ReportReport } from '../verbs/report/make-report.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfReporting } from './exit-code.ts'
import type { OutputArgs } from './options/output.ts'
import { LineWriter } from './render/line-writer.ts'
import { paintFor } from './render/colour.ts'
import { reportJson } from './render/report/json.ts'
import { reportPage } from './render/report/page.ts'
import { reportLines } from './render/report-lines.ts'
import { startTalk, type Talk } from './render/talk.ts'

export interface ShownReport {
  readonly output: OutputArgs
  /** Where to write the page. Undefined: nowhere, because the figures are on stdout. */
  readonly file: string | undefined
  readonly failOnGap: boolean
}

/** Makes a report, writes its page, prints its verdict or its figures, and returns the exit code. */
export async function showReport(
  { output, file, failOnGap }: ShownReport,
  runtime: Runtime,
  make: (listener: RunListener, onObject: (sizeBytes: number) => void) => Promise<ReportReport>,
): Promise<number> {
  const { stdout, env } = runtime
  // A long run must not end with that.
  if (file !== undefined) refuseUnwritablePage(file)
  const talk = startTalk({ ...runtime, output, resultsOnStdout: true, failuresOnStdout: false, moves: false })
  try {
    const report = await make(told(talk), counting(talk))
    talk.stop()
    const { figures } = report
    const page = file === undefined ? undefined : reportPage(figures)
    if (file !== undefined && page !== undefined) writePage(file, page)
    const writer = new LineWriter(stdout)
    if (output.output === 'json') writer.write(reportJson(figures))
    else {
      const written = file === undefined ? undefined : { file, bytes: Buffer.byteLength(page ?? '') }
      for (const line of reportLines(figures, written, paintFor(stdout, env, output.noColor))) writer.write(line)
    }
    await writer.flush()
    return exitCodeOfReporting(report, runtime.stop(), failOnGap)
  } finally {
    talk.stop()
  }
}

/** What is counted is the progress. The accounts of the config say nothing about it. */
const counted = 'report'

function told({ listener }: Talk): RunListener {
  return (event) => {
    if (event.type === 'note' || event.type === 'account-failed') listener(event)
  }
}

function counting({ listener }: Talk): (sizeBytes: number) => void {
  return (sizeBytes) => {
    listener({ type: 'listed', account: counted, objects: 1, bytes: sizeBytes })
    const object = { key: '', sizeBytes, etag: '', lastModifiedMs: 0, storageClass: '' }
    listener({ type: 'outcome', outcome: { status: 'done', account: counted, object, bytes: sizeBytes } })
  }
}
