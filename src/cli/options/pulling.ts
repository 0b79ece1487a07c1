import { pullDefaults } from '../../verbs/pull/options.ts'
import { CrosstrailError } from '../../error.ts'
import { dayMs, hourMs, minuteMs } from '../../trail/calendar.ts'
import { parseDuration, parseStart } from '../../trail/time.ts'
import type { Rotation } from '../../sinks/event-files.ts'
import { anyText, wrongValue } from '../../config/text-value.ts'
import { choiceOr, flag, grouped, single, singleOr, type Values } from '../option.ts'
import { durationInMs, sizeInBytes, wholeNumber } from '../parse-text.ts'
import { filePath, folderOrS3Url, folderPath } from '../../config/place-text.ts'
import { listenAddress } from './listening.ts'
import { isLoopbackHost } from '../../config/loopback-host.ts'

export type PullTarget =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 's3'; readonly url: string }

export const pullingOptions = {
  ...grouped('Pulling', {
    to: single('target', 'The target: a folder, or s3://bucket/prefix together with --state. Required', pullTarget),
    state: single(
      'folder',
      'The folder for coverage, lock and journals (in .crosstrail). Default: the folder of --to',
      folderPath(),
    ),
    since: single(
      'time',
      'Where the first pull begins: a day, a minute, RFC 3339, "yesterday" or "7d ago". Later pulls continue from their coverage. Default: 24h ago',
      anyText,
    ),
    'look-back': singleOr(
      'duration',
      'How late a log may be delivered so that the next pull still finds it. Default: 24h',
      dayMs,
      durationInMs(minuteMs, 31 * dayMs, 'a duration like 24h, from a minute to 31 days'),
    ),
    sweep: singleOr(
      'duration',
      'How far back one pull per day looks for logs that were delivered even later; 0d turns this off. Default: 30d',
      pullDefaults.sweepMs,
      durationInMs(0, 400 * dayMs, 'a duration like 30d, at most 400 days'),
    ),
    'verify-local': flag('Download logs of the look-back again if the folder does not have them'),
    decompress: flag('Write unzipped .json files'),
    format: choiceOr(
      'format',
      'files: the logs as they are; ndjson: their events, one per line, each event once; parquet: their events in a Parquet dataset, each event once. Default: files',
      'files',
      ['files', 'ndjson', 'parquet'] as const,
    ),
    rotate: single(
      '1h|100MB',
      'Close an NDJSON or Parquet file after this time, at this size of JSON, or at either (1h|100MB). Without --every a pull also closes it at its end. Default: 1h|100MB',
      rotation,
    ),
    'max-inflated': singleOr(
      'size',
      'Maximum size of an unzipped log; a larger log fails. Default: 1GiB',
      pullDefaults.sink.maxInflatedBytes,
      sizeInBytes,
    ),
    exec: single(
      'command',
      "Run a command for each file: --exec 'gzip -t {}'. {} stands for the file's path, which is quoted already: {} inside quotes is refused. If the command fails, the log counts as not taken",
      anyText,
    ),
    'exec-parallel': single('count', 'Maximum number of commands at a time, 1 to 64. Default: 4', wholeNumber(1, 64)),
    'if-free': flag('Exit with 0 if another pull holds the target'),
  }),
  ...grouped('Running continuously', {
    every: single(
      'duration',
      'Keep running and pull at this interval: 5m. SIGINT or SIGTERM ends it',
      durationInMs(1000, 7 * dayMs, 'a duration like 5m, from a second to 7 days'),
    ),
    listen: single(
      'address',
      'With --every or --sqs, serve /metrics, /healthz and /livez on this address: 9464 means 127.0.0.1:9464; 0.0.0.0:9464 is open to all hosts',
      listenAddress,
    ),
  }),
  ...grouped('Monitoring', {
    'metrics-file': single(
      'file',
      'Write the metrics page to a file after each pull, for the textfile collector: it must end with .prom',
      metricsFile,
    ),
    'max-lag': single(
      'duration',
      'Report a finding if a log account and region has had no log for this long, and longer than ever before: 2h',
      durationInMs(minuteMs, 400 * dayMs, 'a duration like 2h, from a minute to 400 days'),
    ),
    report: single(
      'file',
      'Write a report about the target to this HTML file after each pull: about the folder, or for other targets about the last 30 days of the bucket',
      filePath,
    ),
    'serve-report': flag('With --listen on a loopback address, serve the page of --report at /report'),
    'fail-on-gap': flag(
      'Exit with 1 if there are findings: a silent region, missing logs, a lag above --max-lag, or any finding of --verify',
    ),
  }),
}

type PullingValues = Values<typeof pullingOptions> & { readonly sqs?: string | undefined }

/** Refuses options that need another option. Throws `usage.conflict`, `usage.missing-option`. */
export function refuseConflicts(values: PullingValues): void {
  const s3 = values.to?.type === 's3'
  const events = values.format !== 'files'
  if (s3 && values.state === undefined) {
    throw new CrosstrailError('usage.missing-option', 'pull --to s3://… needs --state <folder>', {
      hint: 'name a folder on this machine for the coverage: --state /var/lib/crosstrail/archive. Each target needs its own folder',
      facts: { option: '--state' },
    })
  }
  const plainFolder = 'a folder and --format files'
  refuse(values.state !== undefined && !s3, '--state', '--to s3://…')
  refuse(s3 && values.format === 'ndjson', '--format ndjson', 'a folder')
  refuse(values.rotate !== undefined && !events, '--rotate', '--format ndjson or --format parquet')
  refuse(values['verify-local'] && (s3 || events), '--verify-local', plainFolder)
  refuse(values.decompress && (s3 || events), '--decompress', plainFolder)
  refuse(values.exec !== undefined && (s3 || events), '--exec', plainFolder)
  refuse(values['exec-parallel'] !== undefined && values.exec === undefined, '--exec-parallel', '--exec')
  refuse(
    values.listen !== undefined && values.every === undefined && values.sqs === undefined,
    '--listen',
    '--every or --sqs',
  )
  const serves = values['serve-report']
  refuse(serves && values.report === undefined, '--serve-report', '--report')
  const isPrivate = values.listen !== undefined && isLoopbackHost(values.listen.host)
  refuse(serves && !isPrivate, '--serve-report', '--listen on a loopback address, because the page names users')
}

/** The time at which the first pull begins. Throws `usage.time`, `usage.window`. */
export function readSince({ since }: Pick<PullingValues, 'since'>, nowMs: number): number {
  return since === undefined ? nowMs - dayMs : parseStart(since, nowMs)
}

export const defaultRotation: Rotation = { everyMs: hourMs, sizeBytes: 100_000_000 }

function refuse(conflict: boolean, option: string, needs: string): void {
  if (!conflict) return
  throw new CrosstrailError('usage.conflict', `${option} works only with ${needs}`, {
    hint: `remove ${option}, or use ${needs}`,
    facts: { option },
  })
}

function pullTarget(text: string, name: string): PullTarget {
  const place = folderOrS3Url(text, name)
  return place.startsWith('s3:') ? { type: 's3', url: place } : { type: 'folder', path: place }
}

function rotation(text: string, name: string): Rotation {
  const wrong = () => wrongValue(name, text, 'a duration like 1h, a size like 100MB, or both as 1h|100MB')
  const parts = text.split('|').map((part) => part.trim())
  const durations = parts.filter((part) => /^(?:\d{1,7}[wdhms])+$/.test(part))
  const sizes = parts.filter((part) => !durations.includes(part))
  if (durations.length > 1 || sizes.length > 1) throw wrong()
  const [duration] = durations
  const [size] = sizes
  const everyMs = duration === undefined ? undefined : parseDuration(duration)
  if (everyMs !== undefined && (everyMs < 1000 || everyMs > 31 * dayMs)) throw wrong()
  return { everyMs, sizeBytes: size === undefined ? undefined : sizeInBytes(size, name) }
}

function metricsFile(text: string, name: string): string {
  if (!/[^/]\.prom$/.test(text)) throw wrongValue(name, text, 'a file whose name ends with .prom')
  return filePath(text, name)
}
