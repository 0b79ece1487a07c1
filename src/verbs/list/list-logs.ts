import { keyFilter } from '../../work/key-filter.ts'
import { Limits } from '../../work/limits.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import { run } from '../../work/run.ts'
import type { Host, JobTools } from '../host.ts'
import { accessTrail } from '../trail-access.ts'
import { Summarizer, type Summary } from './summary.ts'
import { type ListOptions } from './options.ts'

const job = { verb: 'list' } as const

export function listLogs(options: ListOptions, host: Host): Promise<RunReport> {
  const { selection, sorted, maxObjects, whenWritable } = options
  const { request, keysOf } = accessTrail(host, { accounts: selection.accounts, rights: host.rights })
  const limits = new Limits({ maxObjects })
  const filter = keyFilter(selection)
  return run({
    ...request,
    selection,
    sorted,
    startWorker: (frame) => host.work(frame, { job, open: openList, limits, filter, keysOf, whenWritable }),
  })
}

export async function summarizeLogs(
  options: ListOptions,
  host: Host,
): Promise<{ readonly report: RunReport; readonly summary: Summary }> {
  const summarizer = new Summarizer()
  const listener: RunListener = (event) => {
    if (event.type === 'outcome' && event.outcome.status === 'done') {
      summarizer.add(event.outcome.account, event.outcome.object)
    }
    host.listener(event)
  }
  const report = await listLogs(options, { ...host, listener })
  return { report, summary: summarizer.summary() }
}

function openList(_job: typeof job, { limits }: JobTools): ObjectAction<unknown> {
  return {
    take: (object, account) =>
      limits.take(object.sizeBytes)
        ? { status: 'done', account, object, bytes: 0 }
        : { status: 'skipped', account, object, reason: 'limit' },
    close: () => Promise.resolve(),
  }
}
