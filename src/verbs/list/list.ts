import { Limits } from '../../work/limits.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { RunReport } from '../../work/run-event.ts'
import { run } from '../../work/run.ts'
import type { VerbHost, VerbRequest } from '../verb-host.ts'

export interface ListRequest extends VerbRequest {
  /** One listing after the other, in key order. */
  readonly sorted: boolean
  readonly maxObjects?: number | undefined
}

export interface ListJob {
  readonly limits: SharedArrayBuffer
}

/** Lists the selection's log objects: each comes as an outcome that is done. */
export function list(request: ListRequest, host: VerbHost<ListJob>): Promise<RunReport> {
  const limits = new Limits({ maxObjects: request.maxObjects })
  return run({
    ...host,
    ...request,
    startWorker: (frame) => host.startWorker(frame, { limits: limits.shared }),
  })
}

export function openList(job: ListJob): ObjectAction<unknown> {
  const limits = new Limits(job.limits)
  return {
    take: (object, account) =>
      limits.take(object.sizeBytes)
        ? { status: 'done', account, object, bytes: 0 }
        : { status: 'skipped', account, object, reason: 'limit' },
    close: () => Promise.resolve(),
  }
}
