import { CrosstrailError } from '../../error.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { pullingToBucketOptions, readGoal } from '../options/bucket-goal.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { defaultRotation, pullingOptions, readSince, refuseConflicts } from '../options/pulling.ts'
import { queueOptions, readQueueing } from '../options/queueing.ts'
import { readSelection, selectingWithoutWindow } from '../options/selecting.ts'
import { readVerifying, verifyingOptions } from '../options/verifying.ts'
import type { Values } from '../option.ts'
import type { PullSettings } from '../measured-pull.ts'
import type { PullOptions } from '../../verbs/pull/options.ts'
import { skipNote } from '../skip-meanings.ts'
import type { Selection } from '../../work/selection.ts'

export type PullArgs =
  | { readonly action: 'pull'; readonly settings: PullSettings }
  | { readonly action: 'status'; readonly folder: string; readonly selection: Selection; readonly output: OutputArgs }

const examples = [
  {
    does: 'Pull what is new since the last pull, from cron or a timer',
    line: 'crosstrail pull --to /var/lib/crosstrail/logs',
  },
  {
    does: 'Keep running and pull every five minutes, with metrics for Prometheus',
    line: 'crosstrail pull --to ./logs --every 5m --listen 9464',
  },
  {
    does: 'Take logs within seconds of their delivery, because a queue announces them; list each hour to find the others',
    line: 'crosstrail pull Z --to ./logs --sqs https://sqs.us-east-1.amazonaws.com/444444444444/cloudtrail-logs --listen 9464',
  },
  {
    does: 'Keep running, verify the logs as their digests arrive, and report what does not prove right',
    line: 'crosstrail pull Z --to ./logs --every 5m --verify --listen 9464',
  },
  {
    does: 'Keep running, and keep a report about the folder up to date',
    line: 'crosstrail pull Z --to ./logs --every 1h --report report.html',
  },
  { does: 'Show the progress of pulls', line: 'crosstrail pull status --to ./logs' },
  {
    does: 'Write one event per line, in one file for each pull that finds new logs',
    line: 'crosstrail pull Z --to ./events --format ndjson',
  },
  {
    does: 'Write one event per line, in a new file every hour, for a log shipper',
    line: 'crosstrail pull Z --to ./events --format ndjson --every 5m --rotate 1h',
  },
  {
    does: 'Write the events to a Parquet dataset for DuckDB, Athena or Spark',
    line: 'crosstrail pull Z --to ./dataset --format parquet',
  },
  {
    does: 'Write that dataset to a bucket, and keep the coverage on this machine',
    line: 'crosstrail pull Z --to s3://example-lake/events --format parquet --state ./events-state',
  },
  {
    does: 'Run a command for each log. If the command fails, the log is pulled again',
    line: "crosstrail pull --to ./logs --exec './ship.sh {}' --exec-parallel 8",
  },
  {
    does: 'Pull to another bucket, and keep the coverage on this machine',
    line: 'crosstrail pull Z --to s3://example-archive/trail --state ./archive-state',
  },
]

const options = {
  ...pullingOptions,
  ...queueOptions,
  ...pullingToBucketOptions,
  ...verifyingOptions,
  ...selectingWithoutWindow,
  ...awsOptions,
  ...outputOptions,
}

export const pull: Command<typeof options, PullArgs> = {
  name: 'pull',
  summary: 'Fetch logs that arrived since the last pull',
  notes: [
    'A coverage file below the target records how far each log account, region and kind was pulled. This file decides what is new, not the files in the folder, so you can move files away. Each log is pulled once, even if it is delivered late, out of order or twice. The first pull begins at --since.',
    'pull status shows for each log account, region and kind: the newest log and its age, when a pull last listed it, the objects and bytes pulled, and gaps. If it was listed recently, an old newest log is not an outage: there was no newer activity to log. pull status needs no config and sends no requests.',
    'With --sqs, a queue says which logs are new, and a listing each hour finds those that it did not announce. A message is deleted only after its logs are stored. A message that is not understood is never deleted: set a redrive policy on the queue. docs/SCHEDULING.md compares both ways.',
    'With --verify, a pull then verifies the logs whose digests have arrived since the last pull, each log once. Logs whose digest is not there yet are verified by a later pull.',
    skipNote('covered', 'foreign'),
  ],
  examples,
  positionals: {
    usage: '[status | account…]',
    description:
      'status shows the progress of pulls. Labels of accounts select what is pulled or shown. Default: all accounts',
    max: Number.POSITIVE_INFINITY,
    complete: { words: ['status'], from: 'accounts' },
  },
  options,

  check(values, positionals, nowMs) {
    const { to } = values
    if (to === undefined) {
      throw new CrosstrailError('usage.missing-option', 'pull needs --to <target>', {
        hint: 'name the target: --to ./logs',
        facts: { option: '--to' },
      })
    }
    refuseConflicts(values)
    const sink = sinkOf(values)
    const output = readOutput(values)
    const folder = to.type === 'folder' ? to.path : (values.state ?? '')
    const [first, ...others] = positionals
    if (first === 'status') {
      return { action: 'status', folder, selection: selectionOf(values, others, nowMs), output }
    }
    return {
      action: 'pull',
      settings: {
        aws: readAws(values),
        output,
        asked: {
          selection: selectionOf(values, positionals, nowMs),
          to: folder,
          sink,
          sinceMs: readSince(values, nowMs),
          lookBackMs: values['look-back'],
          sweepMs: values.sweep,
          verifyLocal: values['verify-local'],
          maxLagMs: values['max-lag'],
          ...readVerifying(values),
        },
        ifFree: values['if-free'],
        failOnGap: values['fail-on-gap'],
        metricsFile: values['metrics-file'],
        everyMs: values.every,
        queueing: readQueueing(values),
        listen: values.listen,
        report: values.report,
        servesReport: values['serve-report'],
      },
    }
  },

  async run(args, runtime) {
    if (args.action === 'status') {
      const { showPullStatus } = await import('../show-status.ts')
      await showPullStatus(args, runtime)
      return exitCodes.ok
    }
    const { everyMs, asked, queueing } = args.settings
    await refuseTemplate(asked.sink)
    if (queueing !== undefined) {
      const { pullFromQueue } = await import('../pull-from-queue.ts')
      return pullFromQueue({ ...args.settings, queueing }, runtime)
    }
    if (everyMs === undefined) {
      const { pullOnce } = await import('../pull-once.ts')
      return pullOnce(args.settings, runtime)
    }
    const { pullRepeatedly } = await import('../pull-repeatedly.ts')
    return pullRepeatedly({ ...args.settings, everyMs }, runtime)
  },
}

/** Checks the template before any call. Imported here, so that `--help` does not load it. */
async function refuseTemplate(sink: PullOptions['sink']): Promise<void> {
  if (sink.type !== 'exec') return
  const { execScript } = await import('../../sinks/exec-template.ts')
  execScript(sink.command)
}

function selectionOf(values: Values<typeof options>, labels: readonly string[], nowMs: number): Selection {
  return readSelection({ ...values, from: undefined, until: undefined, last: undefined }, labels, nowMs)
}

function sinkOf(values: Values<typeof options>): PullOptions['sink'] {
  const { to, decompress, exec: command, 'max-inflated': maxInflatedBytes } = values
  const bucket = readGoal(values, to?.type === 's3' ? to.url : undefined)
  if (values.format !== 'files') {
    const rotate = values.rotate ?? defaultRotation
    const options = {
      rotate,
      publishAtEnd: values.every === undefined && (values.sqs === undefined || values.drain),
      maxInflatedBytes,
    }
    return values.format === 'parquet' ? { type: 'parquet', ...options, bucket } : { type: 'ndjson', ...options }
  }
  if (bucket !== undefined) return { type: 's3', ...bucket }
  if (command === undefined) return { type: 'folder', decompress, maxInflatedBytes }
  return { type: 'exec', decompress, maxInflatedBytes, command, atATime: values['exec-parallel'] ?? 4 }
}
