import type { WorkerEvent, WorkerReport } from '../../fleet/worker/worker-report.ts'
import type { Runtime } from '../command.ts'
import type { OutputArgs } from '../options/output.ts'
import { paintFor } from './colour.ts'
import { escapeText } from './escape.ts'
import { sliceText } from './fleet-lines.ts'
import { sumOf } from './merge-lines.ts'
import { formatBytes, formatCount, formatSeconds } from './quantity.ts'

type Counts = Extract<WorkerEvent, { readonly type: 'counts' }>

/** The messages of a worker on stderr. */
export interface WorkerTalk {
  take(event: WorkerEvent): void
  readonly note: (text: string) => void
  finish(report: WorkerReport): void
}

const summaryEveryMs = 60_000
const mostRepeated = 1000

/** A line for each slice only with `--verbose`, else a summary each minute. With `--quiet` only failures. */
export function workerTalk(
  { quiet, verbose, noColor }: OutputArgs,
  { stderr, env, speaker }: Pick<Runtime, 'stderr' | 'env' | 'speaker'>,
  clock: () => number = () => performance.now(),
): WorkerTalk {
  const paint = paintFor(stderr, env, noColor)
  const warning = (text: string) => speaker.say(`${paint('yellow', 'warning:')} ${escapeText(text)}`)
  const note = (text: string) => {
    if (!quiet) speaker.say(text)
  }
  const told = new Set<string>()
  let summaryMs = clock()
  let summary = ''
  return {
    note,
    take(event) {
      switch (event.type) {
        case 'slice-started':
          return undefined
        case 'slice-ended': {
          const { slice, end } = event
          if (end.error !== undefined) {
            const { code, message } = end.error
            speaker.say(`${paint('red', 'failed:')} ${escapeText(`${sliceText(slice)}: ${message} (${code})`)}`)
          } else if (verbose) note(escapeText(endedText(event)))
          return undefined
        }
        case 'slice-handed-back': {
          const { runId, slice, code, message } = event
          const text = `handed back: ${sliceText(slice)}: ${message}`
          if (verbose) return note(escapeText(text))
          const cause = `${runId} ${code} ${message}`
          if (quiet || code === 'interrupted' || told.has(cause)) return undefined
          if (told.size >= mostRepeated) told.clear()
          told.add(cause)
          return warning(`${text}; this message appears once, even if more slices are handed back for the same reason`)
        }
        case 'note': {
          if (event.level === 'info' ? verbose : !quiet) {
            if (event.level === 'warning') warning(event.message)
            else note(`note: ${escapeText(event.message)}`)
          }
          return undefined
        }
        case 'counts': {
          if (clock() - summaryMs < summaryEveryMs) return undefined
          const text = countsText(event)
          // A worker that only waits says so once.
          if (text !== summary) note(text)
          summary = text
          summaryMs = clock()
          return undefined
        }
      }
    },
    finish({ slices, bad, handedBack, objects, bytes, seconds }) {
      const parts = [
        `${formatCount(slices)} slices in ${formatSeconds(seconds)}`,
        `${formatCount(objects)} objects`,
        formatBytes(bytes),
        ...(bad > 0 ? [`${formatCount(bad)} slices with failures`] : []),
        ...(handedBack > 0 ? [`${formatCount(handedBack)} handed back`] : []),
      ]
      note(`worker: ${parts.join(', ')}`)
    },
  }
}

function countsText({ queue, worker }: Counts): string {
  const waiting = queue.waiting + queue.delayed
  return `worker: ${formatCount(worker.slices)} slices, ${formatCount(worker.active)} in work, ${formatCount(worker.objects)} objects; ${formatCount(waiting)} slices wait in the queue`
}

function endedText({ runId, slice, end }: Extract<WorkerEvent, { readonly type: 'slice-ended' }>): string {
  const { tally, findings, seconds } = end
  const parts = [
    `${formatCount(tally.done)} done`,
    `${formatCount(sumOf(tally.skipped))} skipped`,
    `${formatCount(tally.failed)} failed`,
    ...(sumOf(findings) > 0 ? [`${formatCount(sumOf(findings))} findings`] : []),
  ]
  return `${sliceText(slice)}: ${parts.join(', ')} in ${formatSeconds(seconds)} (run ${runId})`
}
