import { join } from 'node:path'
import type { Session } from '../../identity/session.ts'
import { stateFolder as mirrorState } from '../../work/folder-roots.ts'
import type { RunListener, RunReport } from '../../work/run-event.ts'
import type { Host } from '../host.ts'
import { stateFolder } from '../state-folder.ts'
import { Collector } from './collector.ts'
import { countEvents } from './event-counts.ts'
import type { ReportFigures } from './figures.ts'
import { figuresOf, spanOf } from './figures-of.ts'
import type { MapSpan } from './heat-map.ts'
import { noteStreams } from './note-streams.ts'
import { defaultSpanMs, type ReportOptions } from './options.ts'
import { readProtection } from './protection.ts'
import { readReported } from './read-streams.ts'
import { runsMade } from './runs-made.ts'
import { UncheckedList } from './unchecked.ts'

export interface ReportReport extends RunReport {
  readonly figures: ReportFigures
}

/** Reads what is asked for and makes the figures of it. */
export async function makeReport(given: ReportOptions, host: Host): Promise<ReportReport> {
  const { nowMs, signal } = host
  const options = withWindow(given, nowMs)
  const { window } = options.selection
  const isBucket = options.dirs.length === 0
  const collector = new Collector({ window, tellsArrival: isBucket && options.movedFrom.length === 0 })
  const unchecked = new UncheckedList()
  const listener: RunListener = (event) => {
    unchecked.event(event)
    host.listener(event)
  }
  let session: Session | undefined
  const reading = { ...host, listener }
  const read = await readReported(options, reading, collector, (opened) => (session ??= opened))
  unchecked.verified(read)
  const counted = options.events && !signal.aborted ? await countEvents(options, reading) : undefined
  if (counted !== undefined) unchecked.searched(counted.report)
  const protection = session === undefined || signal.aborted ? undefined : await readProtection(host, session)
  const span = spanOf({ options, collector }, nowMs)
  noteFindings(collector, span, read)
  const interrupted = read.interrupted || counted?.report.interrupted === true || signal.aborted
  const gathered = {
    options,
    read,
    collector,
    unchecked: unchecked.all,
    protection,
    runs: runsOf(options, host, span),
    events: counted?.figures,
    interrupted,
  }
  if (protection?.versioning === 'off' && protection.objectLock !== 'on') {
    collector.findings.add({
      code: 'report.not-protected',
      message: `the bucket ${host.config.trail.bucket} keeps no versions: a log that is deleted or overwritten is lost`,
    })
  }
  return {
    ...read,
    interrupted,
    error: read.error ?? counted?.report.error,
    figures: figuresOf(gathered, host, span),
  }
}

function withWindow(options: ReportOptions, nowMs: number): ReportOptions {
  const { selection, dirs } = options
  const { fromMs, toMs = nowMs } = selection.window
  if (dirs.length > 0) return options
  return { ...options, selection: { ...selection, window: { fromMs: fromMs ?? toMs - defaultSpanMs, toMs } } }
}

function noteFindings(collector: Collector, span: MapSpan, { missing = [] }: RunReport): void {
  noteStreams(collector, span)
  for (const { what, name } of missing) {
    collector.findings.add({ code: 'report.not-in-bucket', message: `the bucket has nothing of the ${what} ${name}` })
  }
}

function runsOf({ dirs, journalDir }: ReportOptions, { config, env }: Host, { fromMs, toMs }: MapSpan) {
  const state = journalDir ?? stateFolder(env)
  if (dirs.length > 0) return runsMade({ folders: dirs.map((dir) => join(dir, mirrorState)), fromMs, toMs })
  return runsMade({ folders: state === undefined ? [] : [state], bucket: config.trail.bucket, fromMs, toMs })
}
