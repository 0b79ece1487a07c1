import { join } from 'node:path'
import type { StorageOptions } from '../../s3/copy-target.ts'
import { Journal, stoppedBy } from '../../work/journal.ts'
import { Limits } from '../../work/limits.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import { run } from '../../work/run.ts'
import { maxHeldBytes } from '../../work/object-taker.ts'
import type { CopyJob } from '../../sinks/bucket/copying.ts'
import { type CopyDestination, formatDestination } from '../../sinks/bucket/destination.ts'
import { maxServerSideBytes } from '../../sinks/bucket/copy-mode.ts'
import { VerificationCount } from './verification.ts'
import type { Thaw } from '../../sinks/bucket/sides.ts'
import type { VerbHost, VerbRequest } from '../verb-host.ts'

export interface CopyOptions {
  readonly to: CopyDestination
  /** Never trust that two objects are the same for their size alone. */
  readonly verify: boolean
  /** Replace what differs. What is there and right is left alone. */
  readonly overwrite: boolean
  readonly dryRun: boolean
  /** Asks for archived objects to be made readable. */
  readonly thaw?: Thaw | undefined
}

export interface CopyRequest extends VerbRequest, CopyOptions {
  readonly maxObjects?: number | undefined
  readonly maxBytes?: number | undefined
  /** The folder of the journal. Undefined: none is left, as by a dry run. */
  readonly journalDir: string | undefined
  /** What the journal says of the run besides its options: no secret. */
  readonly runId: string
  readonly about: Readonly<Record<string, unknown>>
  readonly storage: StorageOptions
  /** What one CopyObject takes, where it is not the 5 GB of S3. */
  readonly maxCopyBytes?: number | undefined
}

/**
 * Copies the selection below another prefix, metadata and all. What is there and right is skipped.
 * The journal is written to its folder, except in a dry run, which changes nothing. Throws CrosstrailError `disk.journal`.
 */
export async function copy(request: CopyRequest, host: VerbHost<CopyJob>): Promise<RunReport> {
  const { to, verify, overwrite, dryRun, thaw, journalDir, maxCopyBytes = maxServerSideBytes } = request
  const limits = new Limits(request)
  const journal = dryRun || journalDir === undefined ? undefined : openJournal(request, journalDir)
  const verification = new VerificationCount()
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') {
      journal?.add(event.outcome)
      verification.add(event.outcome)
    }
    host.listener(event)
  }
  const job = { to, verify, overwrite, dryRun, thaw, maxCopyBytes, maxHeldBytes, limits: limits.shared }
  const report = await run({
    ...host,
    ...request,
    sorted: false,
    listener,
    startWorker: (frame) => host.startWorker(frame, job),
  })
  const counted = verify ? { verification: verification.snapshot() } : {}
  journal?.close({ ...report.total, ...counted }, report.interrupted, stoppedBy(report))
  return { ...report, ...counted, journalFile: journal?.file }
}

function openJournal(request: CopyRequest, journalDir: string): Journal {
  const { selection, to, storage, verify, overwrite, thaw, runId, about } = request
  return new Journal(join(journalDir, `copy-${runId}.ndjson`), {
    run: runId,
    verb: 'copy',
    ...about,
    selection,
    options: { to: formatDestination(to), storage, verify, overwrite, thaw },
  })
}
