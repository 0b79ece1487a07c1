import { CrosstrailError } from '../../error.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { readStorage } from '../options/copying.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { defaultRotation, pullingOptions, readSince, refuseBucketOptions, refuseConflicts } from '../options/pulling.ts'
import { pullingToBucketOptions } from '../options/pulling-to-bucket.ts'
import { readSelection, selectingWithoutWindow } from '../options/selecting.ts'
import type { Values } from '../option.ts'
import type { PullSettings } from '../measured-pull.ts'
import type { PullOptions } from '../../verbs/pull/options.ts'
import { skipNote } from '../skip-meanings.ts'
import type { Selection } from '../../work/selection.ts'

/** What `pull` is asked for: to pull, or to show what has been. */
export type PullArgs =
  | { readonly action: 'pull'; readonly settings: PullSettings }
  | { readonly action: 'status'; readonly folder: string; readonly selection: Selection; readonly output: OutputArgs }

const examples = [
  {
    does: 'What is new since the last time; from cron or a timer',
    line: 'crosstrail pull --to /var/lib/crosstrail/logs',
  },
  {
    does: 'Go on for good, a pull every five minutes, with metrics for Prometheus',
    line: 'crosstrail pull --to ./logs --every 5m --listen 9464',
  },
  { does: 'How far it has come', line: 'crosstrail pull status --to ./logs' },
  {
    does: 'Events one a line, a file for each pull that takes something',
    line: 'crosstrail pull Z --to ./events --format ndjson',
  },
  {
    does: 'Events one a line, a file an hour, for a log shipper',
    line: 'crosstrail pull Z --to ./events --format ndjson --every 5m --rotate 1h',
  },
  {
    does: 'Events in a Parquet dataset for DuckDB, Athena or Spark',
    line: 'crosstrail pull Z --to ./dataset --format parquet',
  },
  {
    does: 'A command for each log; a log whose command fails is pulled again',
    line: "crosstrail pull --to ./logs --exec './ship.sh {}' --exec-parallel 8",
  },
  {
    does: 'To another bucket, the coverage kept here',
    line: 'crosstrail pull Z --to s3://example-archive/trail --state ./archive-state',
  },
]

const options = {
  ...pullingOptions,
  ...pullingToBucketOptions,
  ...selectingWithoutWindow,
  ...awsOptions,
  ...outputOptions,
}

export const pull: Command<typeof options, PullArgs> = {
  name: 'pull',
  summary: 'Fetch logs that arrived since the last pull',
  notes: [
    'A coverage file below the target says how far each log account, region and kind has been taken; it, and not what lies in the folder, decides what is new, so files may be moved away. Logs that come late, out of order or twice are taken once. The first pull begins at --since.',
    'pull status shows for each of them the newest log and its age, when a pull last listed it, objects and bytes taken, and gaps. An old newest log is no outage if the stream was listed lately: nothing was done there since. It needs no config and asks nobody.',
    skipNote('covered', 'foreign'),
  ],
  examples,
  positionals: {
    usage: '[status | account…]',
    description: 'status, to see how far pulls have come; or labels of the config, all of them where none is given',
    max: Number.POSITIVE_INFINITY,
    complete: { words: ['status'], from: 'accounts' },
  },
  options,

  check(values, positionals, nowMs) {
    const { to } = values
    if (to === undefined) {
      throw new CrosstrailError('usage.missing-option', 'pull needs --to <target>, and none is given', {
        hint: 'say where the logs go: --to ./logs',
        facts: { option: '--to' },
      })
    }
    refuseConflicts(values)
    refuseBucketOptions(to, values, Object.keys(pullingToBucketOptions))
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
          sink: sinkOf(values),
          sinceMs: readSince(values, nowMs),
          lookBackMs: values['look-back'],
          sweepMs: values.sweep,
          verifyLocal: values['verify-local'],
          maxLagMs: values['max-lag'],
        },
        ifFree: values['if-free'],
        failOnGap: values['fail-on-gap'],
        metricsFile: values['metrics-file'],
        everyMs: values.every,
        listen: values.listen,
      },
    }
  },

  async run(args, runtime) {
    if (args.action === 'status') {
      const { showPullStatus } = await import('../show-status.ts')
      await showPullStatus(args, runtime)
      return exitCodes.ok
    }
    const { everyMs, asked } = args.settings
    await refuseTemplate(asked.sink)
    if (everyMs === undefined) {
      const { pullOnce } = await import('../pull-once.ts')
      return pullOnce(args.settings, runtime)
    }
    const { pullRepeatedly } = await import('../pull-repeatedly.ts')
    return pullRepeatedly({ ...args.settings, everyMs }, runtime)
  },
}

/** Before any call. `--help` does not load what reads templates. */
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
  if (to?.type === 's3') {
    return {
      type: 's3',
      to: to.url,
      toOwner: values['to-owner'],
      toRegion: values['to-region'],
      toAccount: values['to-account'],
      storage: readStorage(values),
    }
  }
  if (values.format !== 'files') {
    const publishAtEnd = values.every === undefined
    return { type: values.format, rotate: values.rotate ?? defaultRotation, publishAtEnd, maxInflatedBytes }
  }
  if (command === undefined) return { type: 'folder', decompress, maxInflatedBytes }
  return { type: 'exec', decompress, maxInflatedBytes, command, atATime: values['exec-parallel'] ?? 4 }
}
