import { join } from 'node:path'
import { bucketSink } from '../../sinks/bucket/bucket-sink.ts'
import { maxServerSideBytes } from '../../sinks/bucket/copy-mode.ts'
import { type CopyDestination, formatDestination } from '../../sinks/bucket/destination.ts'
import { Journal, stoppedBy } from '../../work/journal.ts'
import { keyFilter } from '../../work/key-filter.ts'
import { Limits } from '../../work/limits.ts'
import { maxHeldBytes } from '../../work/object-taker.ts'
import type { RunListener } from '../../work/run-event.ts'
import { run } from '../../work/run.ts'
import type { Host, JobTools } from '../host.ts'
import { journalFolder } from '../journal-folder.ts'
import { runHead, type RunHead } from '../run-head.ts'
import { accessTrail } from '../trail-access.ts'
import { selectedStreams } from '../verify/bucket-streams.ts'
import { openBucketVerification } from '../verify/bucket-verification.ts'
import { findingsTo } from '../verify/options.ts'
import type { CopyJob } from './copy-job.ts'
import type { CopyOptions, CopyReport } from './options.ts'
import { openGoal } from './open-goal.ts'
import { VerificationCount } from './verification.ts'
import { runVerifiedCopy } from './verified-copy.ts'

export async function copyLogs(options: CopyOptions, host: Host): Promise<CopyReport> {
  const { selection, verify, overwrite, dryRun, thaw, whenWritable } = options
  // Fails before any call. A dry run leaves no journal.
  const isOwn = host.journal === undefined && !dryRun
  const journalDir = isOwn ? journalFolder(options.journalDir, host.env) : undefined
  const { to, place, ends, openWriter } = openGoal(host, options)
  const access = accessTrail(host, {
    accounts: selection.accounts,
    rights: host.rights,
    onOpened: (label, session, bucket) => ends.opened(label, session, bucket),
  })
  const { request, keysOf } = access
  const verifying = options.verified
    ? openBucketVerification(
        { ...options, onResult: findingsTo(options.onFinding), streams: selectedStreams(selection) },
        host,
        keysOf,
      )
    : undefined
  await openWriter()
  const head = runHead(host)
  const target = { bucket: place.bucket, owner: place.owner, region: place.region, account: options.toAccount }
  const about = { ...head.about, target }
  const journal = journalDir === undefined ? host.journal : openJournal(options, to, journalDir, { ...head, about })
  const verification = new VerificationCount()
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') {
      journal?.add(event.outcome)
      verification.add(event.outcome)
    }
    request.listener(event)
  }
  const copying = { to, verify, overwrite, dryRun, thaw, maxCopyBytes: maxServerSideBytes, maxHeldBytes }
  const job: CopyJob = { verb: 'copy', bucket: copying }
  const open = ({ bucket }: CopyJob, tools: JobTools) =>
    bucketSink(bucket, (account) => ends.of(account), tools.limits.gate(bucket), tools)
  const work = { job, open, limits: new Limits(options), filter: keyFilter(selection), keysOf, whenWritable }
  const sidesOf = (account: string) => ends.of(account)
  const report =
    verifying === undefined
      ? await run({ ...request, selection, sorted: false, listener, startWorker: (frame) => host.work(frame, work) })
      : await runVerifiedCopy(options, host, { job, access, sidesOf, verifying, listener })
  const counted = verify ? { verification: verification.snapshot() } : {}
  journal?.close({ ...report.total, ...counted }, report.interrupted, stoppedBy(report))
  return { ...report, ...counted, proof: verifying?.verification.proof(), journalFile: journal?.file }
}

function openJournal(options: CopyOptions, to: CopyDestination, journalDir: string, head: RunHead): Journal {
  const { selection, storage, verify, verified, overwrite, thaw } = options
  return new Journal(join(journalDir, `copy-${head.runId}.ndjson`), {
    run: head.runId,
    verb: 'copy',
    ...head.about,
    selection,
    options: { to: formatDestination(to), storage, verify, verified, overwrite, thaw },
  })
}
