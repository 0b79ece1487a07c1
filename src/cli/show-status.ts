import { pullStatus, type PullStatusOptions } from '../app/pull-status.ts'
import type { Runtime } from './command.ts'
import type { OutputArgs } from './options/output.ts'
import { printLines } from './print-text.ts'
import { pullStatusLines } from './render/status-lines.ts'
import { terminalWidth } from './render/terminal-width.ts'

/** Prints how far pulls to a target have come. Throws as `pullStatus` does. */
export async function showPullStatus(
  { output, ...options }: PullStatusOptions & { readonly output: OutputArgs },
  { stdout, nowMs }: Pick<Runtime, 'stdout' | 'nowMs'>,
): Promise<void> {
  await printLines(stdout, pullStatusLines(pullStatus(options, nowMs), output.output, nowMs, terminalWidth(stdout)))
}
