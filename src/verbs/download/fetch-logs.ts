import { join } from 'node:path'
import { folderPath } from '../../config/place-text.ts'
import { openMirror } from '../../disk/local-mirror.ts'
import { type FolderOptions, folderSink } from '../../sinks/folder.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { Journal, stoppedBy } from '../../work/journal.ts'
import { keyFilter } from '../../work/key-filter.ts'
import { Limits } from '../../work/limits.ts'
import type { ObjectAction } from '../../work/object-action.ts'
import type { RunListener } from '../../work/run-event.ts'
import { run } from '../../work/run.ts'
import type { Host, JobTools } from '../host.ts'
import { runHead } from '../run-head.ts'
import { accessTrail } from '../trail-access.ts'
import type { TakenLogs } from '../verify/verify-taken.ts'
import { type DownloadOptions, type DownloadReport } from './options.ts'
import { refuseUnverifiable } from './refuse-unverifiable.ts'

/** What a thread needs to download objects, besides keys. Plain data. */
export interface DownloadJob {
  readonly verb: 'download'
  readonly folder: FolderOptions
}

export async function fetchLogs(options: DownloadOptions, host: Host): Promise<DownloadReport> {
  const { selection, layout, decompress, overwrite, dryRun, maxInflatedBytes, whenWritable } = options
  const root = folderPath()(options.to, 'to')
  const folder = { root, layout, decompress, overwrite, maxInflatedBytes, dryRun }
  const job: DownloadJob = { verb: 'download', folder }
  const limits = new Limits(options)
  const access = accessTrail(host, { accounts: selection.accounts, rights: host.rights })
  const { request, keysOf } = access
  const verify = options.verify ? await verifier(options, host) : undefined
  const journal = host.journal ?? (dryRun ? undefined : openJournal(options, folder, host))
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') journal?.add(event.outcome)
    request.listener(event)
  }
  const filter = keyFilter(selection)
  const work = { job, open: openDownload, threads: true, limits, filter, keysOf, whenWritable }
  const report = await run({
    ...request,
    selection,
    sorted: false,
    listener,
    startWorker: (frame) => host.work(frame, work),
  }).catch((error: unknown) => {
    journal?.abandon()
    throw error
  })
  journal?.close(report.total, report.interrupted, stoppedBy(report))
  const verified = await verify?.({ access, report, written: { root, layout, decompress } })
  return { ...report, journalFile: journal?.file, verified }
}

/** Throws `usage.…` and `config.public-key` before anything is downloaded that could not be verified. */
async function verifier(options: DownloadOptions, host: Host) {
  refuseUnverifiable(options)
  const { refuseUnusableKeys, verifyTaken } = await import('../verify/verify-taken.ts')
  const { selectedStreams } = await import('../verify/bucket-streams.ts')
  refuseUnusableKeys(options)
  return (taken: TakenLogs) => verifyTaken(taken, options, host, selectedStreams(options.selection))
}

function openJournal({ selection }: DownloadOptions, folder: FolderOptions, host: Host): Journal {
  // The mirror's error says why a folder cannot be used. The journal's error would only say that it cannot be opened.
  const mirror = openMirror(folder)
  const stateFolder = mirror.stateFolder ?? join(folder.root, '.crosstrail')
  mirror.close()
  const { runId, about } = runHead(host)
  const { layout, decompress, overwrite } = folder
  return new Journal(join(stateFolder, `download-${runId}.ndjson`), {
    run: runId,
    verb: 'download',
    ...about,
    selection,
    options: { layout, decompress, overwrite },
  })
}

export function openDownload(
  { folder }: DownloadJob,
  { limits, actSignal }: Pick<JobTools, 'limits' | 'actSignal'>,
): ObjectAction<ObjectReader> {
  return folderSink({ ...folder, gate: limits.gate(folder), flushed: false }, actSignal)
}
