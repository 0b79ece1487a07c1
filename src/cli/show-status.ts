import { CrosstrailError } from '../error.ts'
import type { StreamStatus } from '../verbs/pull/report.ts'
import { readPullStatus } from '../verbs/pull/stream-status.ts'
import type { Selection } from '../work/selection.ts'
import type { Runtime } from './command.ts'
import type { OutputArgs } from './options/output.ts'
import { LineWriter } from './render/line-writer.ts'
import { pullStatusLines } from './render/status-lines.ts'
import { terminalWidth } from './render/terminal-width.ts'

export interface PullStatusRequest {
  /** The target of the pulls, or the folder of its state. */
  readonly folder: string
  readonly selection: Pick<Selection, 'logAccounts' | 'regions' | 'kinds'>
  readonly output: OutputArgs
}

/** Shows how far pulls to a target have come. Throws `coverage.none` where none ever was, `coverage.damaged`, `coverage.newer`. */
export async function showPullStatus(
  { folder, selection, output }: PullStatusRequest,
  { stdout, nowMs }: Pick<Runtime, 'stdout' | 'nowMs'>,
): Promise<void> {
  const streams = readPullStatus(folder, nowMs)
  if (streams === undefined) {
    throw new CrosstrailError('coverage.none', `no pull has come to ${folder} yet`, {
      hint: 'give --to as the pulls have it, or --state where they go to a bucket',
      facts: { folder },
    })
  }
  const writer = new LineWriter(stdout)
  const shown = streams.filter((stream) => isSelected(stream, selection))
  for (const line of pullStatusLines(shown, output.output, nowMs, terminalWidth(stdout))) writer.write(line)
  await writer.flush()
}

function isSelected(
  { logAccount, region, kind }: StreamStatus,
  { logAccounts, regions, kinds }: PullStatusRequest['selection'],
): boolean {
  const within = <T>(list: readonly T[], value: T) => list.length === 0 || list.includes(value)
  return within(logAccounts, logAccount) && within(regions, region) && within(kinds, kind)
}
