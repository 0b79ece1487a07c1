import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Environment } from '../../config/environment.ts'
import type { Session } from '../../identity/session.ts'
import { stateFolder as mirrorState } from '../../work/folder-roots.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import type { Host } from '../host.ts'
import { stateFolder } from '../state-folder.ts'
import { Collector } from './collector.ts'
import { countEvents } from './event-counts.ts'
import type { ReportFigures, RunMade } from './figures.ts'
import { figuresOf, spanOf } from './figures-of.ts'
import { endOfFolders } from './newest-in-folders.ts'
import { noteStreams } from './note-streams.ts'
import { defaultSpanMs, type ReportOptions } from './options.ts'
import { readProtection } from './protection.ts'
import { collecting, readBucket, readFolders } from './read-streams.ts'
import type { ReportHost } from './report-host.ts'
import { runsMade } from './runs-made.ts'
import { UncheckedList } from './unchecked.ts'

export interface ReportReport extends RunReport {
  readonly figures: ReportFigures
}

/** Reads what is asked for and makes the figures of it. `bucketHost` is undefined for folders. */
export async function makeReport(
  given: ReportOptions,
  host: ReportHost,
  bucketHost: Host | undefined,
): Promise<ReportReport> {
  const { nowMs, signal } = host
  const options = withWindow(given, nowMs)
  const { window } = options.selection
  const tellsArrival = bucketHost !== undefined && options.movedFrom.length === 0
  const collector = new Collector({ ...options, window, tellsArrival })
  const unchecked = new UncheckedList()
  const listener: RunListener = (event) => {
    unchecked.event(event)
    host.listener(event)
  }
  let session: Session | undefined
  const reading = { ...host, listener }
  const readingBucket = bucketHost && { ...bucketHost, listener }
  const giver = collecting(collector, options.verify)
  const read =
    readingBucket === undefined
      ? await readFolders(options, reading, { collector, giver })
      : await readBucket(options, readingBucket, { collector, giver, onSession: (opened) => (session ??= opened) })
  unchecked.verified(read)
  const counted = options.events && !signal.aborted ? await countEvents(options, reading, readingBucket) : undefined
  if (counted !== undefined) unchecked.searched(counted.report)
  const protection =
    session === undefined || bucketHost === undefined || signal.aborted
      ? undefined
      : await readProtection(bucketHost, session)
  const span = spanOf({ options, collector }, nowMs)
  noteStreams(collector, span, bucketHost !== undefined || options.keysFile !== undefined)
  noteMissing(collector, read)
  const interrupted = read.interrupted || counted?.report.interrupted === true || signal.aborted
  const gathered = {
    options,
    read,
    collector,
    unchecked: unchecked.all,
    protection,
    runs: runsOf(options, host.env, bucketHost?.config),
    events: counted?.figures,
    interrupted,
  }
  return {
    ...read,
    interrupted,
    error: read.error ?? counted?.report.error,
    figures: figuresOf(gathered, { nowMs, config: bucketHost?.config }, span),
  }
}

function withWindow(options: ReportOptions, nowMs: number): ReportOptions {
  const { selection, dirs, keysFile } = options
  const { fromMs, toMs } = selection.window
  if (dirs.length > 0) {
    const end = toMs ?? endOfFolders(dirs, keysFile !== undefined)
    return { ...options, selection: { ...selection, window: { fromMs, toMs: end } } }
  }
  const endMs = toMs ?? nowMs
  return { ...options, selection: { ...selection, window: { fromMs: fromMs ?? endMs - defaultSpanMs, toMs: endMs } } }
}

function noteMissing({ findings }: Collector, { missing = [] }: RunReport): void {
  for (const { what, name } of missing) {
    findings.add({ code: 'report.not-in-bucket', message: `the bucket has nothing of the ${what} ${name}` })
  }
}

function runsOf({ dirs, journalDir }: ReportOptions, env: Environment, config: Config | undefined): RunMade[] {
  if (config === undefined) return runsMade({ folders: dirs.map((dir) => join(dir, mirrorState)) })
  const state = journalDir ?? stateFolder(env)
  return runsMade({ folders: state === undefined ? [] : [state], bucket: config.trail.bucket })
}
