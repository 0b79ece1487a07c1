import { pullStatus, type PullStatusOptions } from '../app/pull-status.ts'
import type { Runtime } from './command.ts'
import type { OutputArgs } from './options/output.ts'
import { LineWriter } from './render/line-writer.ts'
import { pullStatusLines } from './render/status-lines.ts'
import { terminalWidth } from './render/terminal-width.ts'

/** Shows how far pulls to a target have come. Throws as `pullStatus` does. */
export async function showPullStatus(
  { output, ...options }: PullStatusOptions & { readonly output: OutputArgs },
  { stdout, nowMs }: Pick<Runtime, 'stdout' | 'nowMs'>,
): Promise<void> {
  const writer = new LineWriter(stdout)
  const streams = pullStatus(options, nowMs)
  for (const line of pullStatusLines(streams, output.output, nowMs, terminalWidth(stdout))) writer.write(line)
  await writer.flush()
}
