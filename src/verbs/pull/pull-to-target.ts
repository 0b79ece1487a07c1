import { join } from 'node:path'
import { writeCoverageFile } from '../../disk/coverage-file.ts'
import { stateFolderName } from '../../disk/local-path.ts'
import { openStateFolder } from '../../disk/run-folder.ts'
import { SafeFolders } from '../../disk/safe-folders.ts'
import { takeLock } from '../../disk/target-lock.ts'
import { CrosstrailError } from '../../error.ts'
import type { ObjectReader } from '../../sinks/sink.ts'
import { Journal } from '../../work/journal.ts'
import type { Listing } from '../../work/plan.ts'
import { readCoverage } from './coverage-shape.ts'
import { Coverage, coverageOf, type CoverageTrail } from './coverage.ts'
import { readListedTimes, writeListedTimes } from './listed-times.ts'
import type { PullReport } from './report.ts'
import { formatDestination } from '../../sinks/bucket/destination.ts'
import { openSink, type SinkChoice } from '../../sinks/open-sink.ts'
import type { Finder } from './queue/listen.ts'
import type { PullRequest } from './request.ts'
import { type PullHost, runPull } from './take-new.ts'

/** Runs one pull under the lock of its target. Throws `lock.…`, `coverage.…` and `disk.…` as `pull` does. */
export async function pullToTarget<B extends Listing & ObjectReader & Finder>(
  request: PullRequest,
  host: PullHost<B>,
): Promise<PullReport> {
  const stateFolder = openStateFolder(request.to)
  const lock = takeLock(stateFolder)
  const folders = new SafeFolders(request.to)
  const confirmState = () => folders.confirmOwn(stateFolderName, 0)
  try {
    confirmState()
    const { prefix, organization } = host.layout
    const trail: CoverageTrail = { bucket: request.bucket, prefix, organization }
    const known = coverageOf(readCoverage(stateFolder), trail)
    const coverage = known ?? new Coverage(trail, request.sinceMs)
    const target = targetOf(request.sink)
    if (coverage.target !== undefined && coverage.target !== target) throw otherTarget(coverage.target, target)
    coverage.target = target
    // A command must not get a file twice, and taken events cannot be found in the files.
    const verifyLocal = request.verifyLocal && (request.sink.type === 'folder' || request.sink.type === 's3')
    return await runPull({ ...request, verifyLocal }, host, {
      coverage,
      firstRun: known === undefined,
      save(body) {
        confirmState()
        if (!lock.isHeld()) throw lockLost()
        writeCoverageFile(stateFolder, body)
      },
      keepListed(streams) {
        const times = readListedTimes(stateFolder)
        if (streams.size === 0) return (stream) => times.of(stream)
        confirmState()
        if (!lock.isHeld()) throw lockLost()
        for (const [{ name }, atMs] of streams) times.set(name, atMs)
        writeListedTimes(stateFolder, times)
        return (stream) => times.of(stream)
      },
      job: { verb: 'pull', sink: request.sink, root: request.to, lookBackMs: request.lookBackMs },
      openSink: ({ sink, root, lookBackMs }, signals, memory) =>
        openSink(
          sink,
          {
            root,
            lookBackMs,
            nowMs: request.nowMs,
            memory,
            sidesOf: request.sidesOf ?? noSides,
            openSide: request.openSide ?? noSides,
          },
          signals,
        ),
      journal() {
        confirmState()
        return openJournal(request, stateFolder)
      },
    })
  } finally {
    lock.release()
  }
}

const noSides = () => {
  throw new Error('only a sink in a bucket has sides')
}

/** Everything that counts as taken must be in one place and in one form. */
function targetOf(sink: SinkChoice): string {
  if (sink.type === 's3') return formatDestination(sink.to)
  switch (sink.type) {
    case 'ndjson':
      return 'events'
    case 'parquet':
      return sink.to === undefined ? 'parquet' : `parquet ${formatDestination(sink.to)}`
    case 'folder':
    case 'exec':
      return 'files'
  }
}

function otherTarget(known: string, asked: string): CrosstrailError {
  return new CrosstrailError(
    'coverage.other-target',
    `earlier pulls with this coverage went to ${known}, not to ${asked}`,
    {
      hint: 'the new target would never get what already counts as taken: use a separate folder or --state for it',
      facts: { known, asked },
    },
  )
}

function openJournal(
  { selection, lookBackMs, sweepMs, sink, runId, about }: PullRequest,
  stateFolder: string,
): Journal {
  return new Journal(join(stateFolder, `pull-${runId}.ndjson`), {
    run: runId,
    verb: 'pull',
    ...about,
    selection,
    options: { sink: sink.type, lookBackMs, sweepMs },
  })
}

function lockLost(): CrosstrailError {
  return new CrosstrailError('lock.lost', 'another pull took over the lock while this one was suspended', {
    hint: 'this process did not run for minutes; the next pull takes again what this one took since then',
  })
}
