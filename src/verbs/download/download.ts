import { join } from 'node:path'
import type { LocalMirror, Place } from '../../disk/local-mirror.ts'
import { openMirror } from '../../disk/local-mirror.ts'
import type { Layout } from '../../disk/local-path.ts'
import { CrosstrailError } from '../../error.ts'
import type { BodyReceiver } from '../../s3/body-receiver.ts'
import type { ListedObject, LogObject } from '../../trail/log-object.ts'
import { Journal, stoppedBy } from '../../work/journal.ts'
import { Limits } from '../../work/limits.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { DoneOutcome, Outcome } from '../../work/outcome.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import { run } from '../../work/run.ts'
import { isArchived } from '../../sinks/archived.ts'
import { objectReceiver } from '../../sinks/object-receiver.ts'
import type { VerbHost, VerbRequest } from '../verb-host.ts'

export interface DownloadOptions {
  /** The folder. Made where it is missing. */
  readonly to: string
  readonly layout: Layout
  /** Store JSON instead of gzip. */
  readonly decompress: boolean
  readonly overwrite: boolean
  readonly dryRun: boolean
  readonly maxInflatedBytes: number
}

export interface DownloadRequest extends VerbRequest, DownloadOptions {
  readonly sorted: boolean
  readonly maxObjects?: number | undefined
  readonly maxBytes?: number | undefined
  /** What the journal says of the run besides its options: no secret. */
  readonly runId: string
  readonly about: Readonly<Record<string, unknown>>
}

export interface DownloadJob extends DownloadOptions {
  readonly limits: SharedArrayBuffer
}

/** What downloading needs of a bucket. */
export interface ObjectReader {
  get<T>(object: Pick<ListedObject, 'key'>, receive: () => BodyReceiver<T>, signal?: AbortSignal): Promise<T>
}

/**
 * Downloads the selection into a folder. A file under its final name is whole; what is there and right is skipped.
 * The journal is written to `.crosstrail/` in the folder, except in a dry run, which changes nothing.
 * Throws CrosstrailError `disk.…` where the folder cannot be used.
 */
export async function download(request: DownloadRequest, host: VerbHost<DownloadJob>): Promise<RunReport> {
  const { to, layout, decompress, overwrite, dryRun, maxInflatedBytes } = request
  const options: DownloadOptions = { to, layout, decompress, overwrite, dryRun, maxInflatedBytes }
  const limits = new Limits(request)
  const journal = dryRun ? undefined : openJournal(request)
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') journal?.add(event.outcome)
    host.listener(event)
  }
  const report = await run({
    ...host,
    ...request,
    layout: host.layout,
    listener,
    startWorker: (frame) => host.startWorker(frame, { ...options, limits: limits.shared }),
  }).catch((error: unknown) => {
    journal?.abandon()
    throw error
  })
  journal?.close(report.total, report.interrupted, stoppedBy(report))
  return { ...report, journalFile: journal?.file }
}

function openJournal(request: DownloadRequest): Journal {
  // The mirror says in its own words why a folder cannot be used; the journal would only say that it cannot be opened.
  const mirror = openMirror({ ...request, root: request.to })
  const stateFolder = mirror.stateFolder ?? join(request.to, '.crosstrail')
  mirror.close()
  const { selection, layout, decompress, overwrite, runId, about } = request
  return new Journal(join(stateFolder, `download-${runId}.ndjson`), {
    run: runId,
    verb: 'download',
    ...about,
    selection,
    options: { layout, decompress, overwrite },
  })
}

export function openDownload(job: DownloadJob, signal: AbortSignal): ObjectAction<ObjectReader> {
  const mirror = openMirror({ ...job, root: job.to })
  const limits = new Limits(job.limits)
  return {
    take(object, account, bucket): Outcome | (() => Promise<DoneOutcome>) {
      const skip = (reason: 'present' | 'archived' | 'dry-run' | 'limit'): Outcome => ({
        status: 'skipped',
        account,
        object,
        reason,
      })
      const place = placeOrFailure(mirror, object)
      if (place instanceof CrosstrailError) return { status: 'failed', account, object, error: place }
      if (place.decision === 'skip') return skip('present')
      if (isArchived(object)) return skip('archived')
      if (!limits.take(object.sizeBytes)) return skip('limit')
      if (job.dryRun) return skip('dry-run')
      return () => fetchObject(object, account, place, mirror, bucket, signal)
    },
    close: () => Promise.resolve(mirror.close()),
  }
}

/** Fetches an object to its place. */
export async function fetchObject(
  object: LogObject,
  account: string,
  place: Place,
  mirror: LocalMirror,
  bucket: ObjectReader,
  signal: AbortSignal,
): Promise<DoneOutcome> {
  const written = await bucket.get(object, () => objectReceiver(object, place, mirror), signal)
  return {
    status: 'done',
    account,
    object,
    bytes: object.sizeBytes,
    detail: { path: place.relativePath, writtenBytes: written.writtenBytes, checked: written.checked.join('+') },
  }
}

/** Where an object goes, or why it can go nowhere. */
export function placeOrFailure(mirror: LocalMirror, object: LogObject): Place | CrosstrailError {
  try {
    return mirror.place(object)
  } catch (error) {
    if (error instanceof CrosstrailError && error.code.startsWith('object.')) return error
    throw error
  }
}
