import type { RunStatus } from '../../fleet/queue/report.ts'
import { formatInstant } from '../../trail/time.ts'
import type { OutputFormat } from '../options/output.ts'
import { formatCount } from './quantity.ts'
import { recordLines, type RecordTable } from './record-table.ts'
import { formatSpan } from './status-lines.ts'

const fields: RecordTable<RunStatus>['fields'] = {
  run: ({ runId }) => runId,
  verb: ({ request }) => request.verb,
  to: targetOf,
  state: ({ state }) => state,
  slices: ({ slices }) => slices,
  ended: ({ ended }) => ended,
  active: ({ active }) => active,
  waiting: waitingOf,
  bad: ({ bad }) => bad,
  done: ({ done }) => done,
  doneBytes: ({ doneBytes }) => doneBytes,
  skipped: ({ skipped }) => skipped,
  failed: ({ failed }) => failed,
  objects: ({ seenObjects }) => seenObjects,
  workers: ({ workers }) => workers,
  submitter: ({ submitter }) => submitter,
  submittedAt: ({ submittedAtMs }) => formatInstant(submittedAtMs),
  finishedAt: ({ finishedAtMs }) => (finishedAtMs === undefined ? undefined : formatInstant(finishedAtMs)),
  unplanned: ({ unplanned }) => unplannedText(unplanned),
}

/** The lines of `fleet status`: one for each run. `nowMs` and `width` are for the table. */
export function fleetStatusLines(
  runs: readonly RunStatus[],
  format: OutputFormat,
  nowMs: number,
  width?: number,
): string[] {
  const columns: RecordTable<RunStatus>['columns'] = [
    { title: 'RUN', cell: ({ runId }) => runId },
    { title: 'VERB', cell: ({ request }) => request.verb },
    { title: 'STATE', cell: ({ state }) => state },
    { title: 'SLICES', align: 'right', cell: ({ ended, slices }) => `${formatCount(ended)}/${formatCount(slices)}` },
    { title: 'ACTIVE', align: 'right', cell: ({ active }) => formatCount(active) },
    { title: 'BAD', align: 'right', cell: ({ bad }) => formatCount(bad) },
    { title: 'OBJECTS', align: 'right', cell: ({ seenObjects }) => formatCount(seenObjects) },
    { title: 'FAILED', align: 'right', cell: ({ failed }) => formatCount(failed) },
    { title: 'AGE', align: 'right', cell: ({ submittedAtMs }) => formatSpan(nowMs - submittedAtMs) },
    { title: 'TO', cell: targetOf },
    ...(runs.some(({ unplanned }) => unplannedText(unplanned) !== undefined) ? [unplannedColumn] : []),
  ]
  return recordLines({ fields, columns }, runs, format, width)
}

const unplannedColumn: RecordTable<RunStatus>['columns'][number] = {
  title: 'NOT READ',
  cell: ({ unplanned }) => unplannedText(unplanned),
}

function waitingOf({ slices, ended, active }: RunStatus): number {
  return Math.max(0, slices - ended - active)
}

/** The folder or bucket that the run writes to. */
function targetOf({ request: { options } }: RunStatus): string | undefined {
  const { to } = options
  const place = typeof to === 'object' && to !== null && 'to' in to ? to.to : to
  return typeof place === 'string' ? place : undefined
}

/** The accounts that the submitter could not read: `B: access.assume-role-denied`. */
function unplannedText(unplanned: RunStatus['unplanned']): string | undefined {
  const entries = Object.entries(unplanned).map(([account, code]) => `${account}: ${code}`)
  return entries.length === 0 ? undefined : entries.join(', ')
}
