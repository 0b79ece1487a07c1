import { CrosstrailError } from '../../error.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { Selection } from '../../work/selection.ts'
import type { Command, Runtime } from '../command.ts'
import { exitCodeOfReport } from '../exit-code.ts'
import { flag, givenOptions, grouped, single, type Values } from '../option.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { readSelection, selecting } from '../options/selecting.ts'
import { shardOptions } from '../options/sharding.ts'
import { wholeNumber } from '../parse-text.ts'
import { accountPositionals } from '../positionals.ts'
import { terminalWidth } from '../render/terminal-width.ts'
import { type AccessArgs, withCrosstrail } from '../access-args.ts'
import type { CrosstrailApp } from '../../app/crosstrail.ts'
import type { ListOptions } from '../../verbs/list/options.ts'
import { skipNote } from '../skip-meanings.ts'
import type { Talk } from '../render/talk.ts'
import { LineWriter } from '../render/line-writer.ts'

export interface ListArgs {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly selection: Selection
  readonly what: 'objects' | 'summary' | 'buckets'
  readonly sorted: boolean
  readonly maxObjects: number | undefined
}

const examples = [
  { does: 'The logs of the last day, of all accounts of the config', line: 'crosstrail list --last 24h' },
  {
    does: "One account's logs of a week in two regions, as JSON lines",
    line: 'crosstrail list B --from 2026-11-01 --until 2026-11-08 --region us-east-1,eu-west-1 --output json',
  },
  { does: 'Totals by account, log account, region, kind and day', line: 'crosstrail list --summary' },
  { does: "The buckets an account's role can see", line: 'crosstrail list Z --buckets' },
]

const options = {
  ...grouped('Listing', {
    summary: flag('Print totals by account, log account, region, kind and day instead of keys'),
    buckets: flag("List the buckets that the accounts' roles can see instead of logs"),
    sorted: flag('Sort by key within each log account, region and kind. Slower'),
    'max-objects': single('count', 'Stop after this many', wholeNumber(1)),
  }),
  ...selecting,
  ...shardOptions,
  ...awsOptions,
  ...outputOptions,
}

export const list: Command<typeof options, ListArgs> = {
  name: 'list',
  summary: 'List log objects',
  notes: [
    'The window selects by delivery time, which is the time in the file name. Here --to is the same as --until.',
    skipNote('foreign'),
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs) {
    if (values.summary && values.buckets) {
      throw new CrosstrailError('usage.conflict', '--summary and --buckets do not go together')
    }
    if (values.buckets) refuseSelecting(values)
    return {
      aws: readAws(values),
      output: readOutput(values),
      selection: readSelection(values, labels, nowMs),
      what: values.buckets ? 'buckets' : values.summary ? 'summary' : 'objects',
      sorted: values.sorted,
      maxObjects: values['max-objects'],
    }
  },

  async run(args, runtime) {
    const { startTalk } = await import('../render/talk.ts')
    const writer = new LineWriter(runtime.stdout)
    const quietRun = { resultsOnStdout: args.what === 'objects', failuresOnStdout: false, moves: false }
    return withCrosstrail(args.aws, runtime, async (crosstrail) => {
      const talk = startTalk({ ...runtime, ...quietRun, output: args.output })
      try {
        const report = await show[args.what]({ args, crosstrail, writer, talk, runtime })
        await writer.flush()
        // Buckets are not log objects, so a summary would count none
        if (args.what !== 'buckets' && runtime.stop() !== 'output-closed') talk.finish(report)
        return exitCodeOfReport(report, runtime.stop())
      } finally {
        talk.stop()
      }
    })
  },
}

/** Options that select logs do not select buckets. Whoever gives one would think that the result is selected. */
function refuseSelecting(values: Values<typeof options>): void {
  const given = givenOptions(values, [...Object.keys(selecting), 'sorted', 'max-objects'])
  if (given.length === 0) return
  const names = given.map((name) => `--${name}`).join(', ')
  throw new CrosstrailError('usage.conflict', `--buckets lists buckets, and does not go together with ${names}`, {
    hint: `remove ${names}, and unset the CROSSTRAIL_… variables of the same names`,
    facts: { option: names },
  })
}

interface Showing {
  readonly args: ListArgs
  readonly crosstrail: CrosstrailApp
  readonly writer: LineWriter
  readonly talk: Talk
  readonly runtime: Runtime
}

const show: Readonly<Record<ListArgs['what'], (showing: Showing) => Promise<RunReport>>> = {
  async objects({ args, crosstrail, writer, talk }) {
    const { resultRows } = await import('../render/result-rows.ts')
    const { listedObjectShape } = await import('../render/listed-object.ts')
    const rows = resultRows(args.output.output, listedObjectShape, (line) => writer.write(line))
    const report = await crosstrail.list(listRequest(args, writer), (event) => {
      if (event.type === 'outcome' && event.outcome.status === 'done') rows.write(event.outcome)
      talk.listener(event)
    })
    rows.finish()
    return report
  },

  async summary({ args, crosstrail, writer, talk, runtime }) {
    const { totalsLines } = await import('../render/totals.ts')
    const { report, summary } = await crosstrail.summarize(listRequest(args, writer), talk.listener)
    for (const line of totalsLines(summary, args.output.output, terminalWidth(runtime.stdout))) {
      writer.write(line)
      await writer.whenWritable()
    }
    return report
  },

  async buckets({ args, crosstrail, writer, talk, runtime }) {
    const { bucketLines } = await import('../render/bucket-lines.ts')
    const { report, buckets } = await crosstrail.listBuckets({ accounts: args.selection.accounts }, talk.listener)
    const width = terminalWidth(runtime.stdout)
    for (const line of bucketLines(buckets, args.output.output, width)) writer.write(line)
    return report
  },
}

function listRequest({ selection, sorted, maxObjects }: ListArgs, writer: LineWriter): ListOptions {
  return { selection, sorted, maxObjects, whenWritable: () => writer.whenWritable() }
}
