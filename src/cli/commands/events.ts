import { filePath } from '../../config/place-text.ts'
import { CrosstrailError } from '../../error.ts'
import { eventKinds, eventsDefaults, type EventsOptions } from '../../verbs/events/options.ts'
import type { CopyGoal } from '../../verbs/copy/options.ts'
import type { SchemaDialect, SchemaOptions } from '../../verbs/events/print-schema.ts'
import type { CrosstrailApp } from '../../app/crosstrail.ts'
import type { AccessArgs } from '../access-args.ts'
import { command, type Runtime } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { choiceList, choiceOr, grouped, many, singleOr } from '../option.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { datasetBucketOptions, readGoal } from '../options/bucket-goal.ts'
import { threadOptions } from '../options/connection.ts'
import { parquetWithoutSql, refuseEventConflicts } from '../options/event-conflicts.ts'
import {
  datasetOptions,
  eventWindowOptions,
  filterOptions,
  handingOutOptions,
  readConditions,
  readEventWindow,
  shownFormats,
} from '../options/events.ts'
import { type FleetArgs, fleetOptions, notForFleet, pathForAll, readFleet, refuseLoneDetach } from '../options/fleet.ts'
import { type OutputArgs, outputOptions } from '../options/output.ts'
import { readSelection, selectingWithoutWindow } from '../options/selecting.ts'
import { journalOptions, readShard, shardOptions } from '../options/sharding.ts'
import { sizeInBytes } from '../parse-text.ts'
import { accountPositionals } from '../positionals.ts'
import type { ShownEvents } from '../show-events.ts'
import type { ShownResult } from '../start-show.ts'

type SearchArgs = Omit<EventsOptions, 'form' | 'onFound' | 'whenWritable'>
type RowsArgs = Omit<SearchArgs, 'sorted' | 'limit'>

export type EventsArgs =
  | { readonly does: 'search'; readonly aws: AccessArgs; readonly search: SearchArgs; readonly shown: ShownEvents }
  | {
      readonly does: 'query'
      readonly aws: AccessArgs
      readonly search: RowsArgs
      readonly sql: { readonly text: string } | { readonly file: string }
      readonly shown: ShownResult
    }
  | {
      readonly does: 'export'
      readonly aws: AccessArgs
      readonly search: Omit<SearchArgs, 'sorted' | 'unique'>
      readonly to: string | CopyGoal
      readonly fleet: FleetArgs | undefined
      readonly output: OutputArgs
    }
  | { readonly does: 'print-schema'; readonly dialect: SchemaDialect; readonly schema: SchemaOptions }

const examples = [
  { does: 'Who deleted a bucket in the last day', line: 'crosstrail events --last 24h --event-name DeleteBucket' },
  {
    does: 'What alice was denied, in logs that are in a folder',
    line: 'crosstrail events --dir ./logs --user alice --error AccessDenied',
  },
  {
    does: 'The ten most frequent calls of an access key',
    line: 'crosstrail events --dir ./logs --access-key AKIAIOSFODNN7EXAMPLE --count-by eventSource,eventName --limit 10',
  },
  {
    does: 'Three fields for a spreadsheet',
    line: 'crosstrail events Z --last 7d --fields eventTime,user,eventName --output csv',
  },
  {
    does: 'A question in SQL',
    line: 'crosstrail events --dir ./logs --sql "select eventName, count(*) from events group by 1 order by 2 desc"',
  },
  {
    does: 'A Parquet dataset for DuckDB, Athena or Spark',
    line: 'crosstrail events Z --last 30d --to ./events --format parquet',
  },
  { does: 'The same in a bucket', line: 'crosstrail events Z --last 30d --to s3://example-lake/events' },
]

const { output: _format, ...talkOptions } = outputOptions

const options = {
  ...grouped('Searching', {
    dir: many('folder', 'Search the logs in this folder or file instead of the bucket. Repeatable', filePath),
  }),
  ...filterOptions,
  ...eventWindowOptions,
  ...selectingWithoutWindow,
  ...shardOptions,
  ...fleetOptions,
  ...grouped('Selecting', { kind: choiceList('kind', 'Only logs of this kind. Repeatable', eventKinds) }),
  ...grouped('Output', {
    output: choiceOr(
      'format',
      'The format on stdout; parquet only with --sql. Default: table on a terminal, else json, which is each record as it was logged, one per line',
      'auto',
      shownFormats,
      { short: 'o' },
    ),
    ...handingOutOptions,
    'max-inflated': singleOr(
      'size',
      'Maximum size of an unzipped log; a larger one fails. Default: 1GiB',
      eventsDefaults.maxInflatedBytes,
      sizeInBytes,
    ),
  }),
  ...datasetOptions,
  ...datasetBucketOptions,
  ...talkOptions,
  ...journalOptions,
  ...awsOptions,
  ...threadOptions,
}

export const events = command({
  name: 'events',
  summary: 'Search the records of events in logs',
  notes: [
    'Filters are combined with and. Values that are repeated or separated by commas are combined with or. In a value, * stands for any characters and ? for one; ! before it excludes it. Case counts.',
    'The window is a window of event times. Logs that were delivered up to --late after it are read too. A record that was delivered several times is shown once.',
    'If nothing matches, the exit code is 0. If a log or a record cannot be read, it is 1.',
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs): EventsArgs {
    refuseEventConflicts(values, labels)
    refuseLoneDetach(values)
    const { to, sql, 'sql-file': sqlFile, 'print-schema': dialect } = values
    const goal = readGoal(values, to)
    const window = readEventWindow(values, nowMs)
    if (dialect !== undefined) {
      const { region: regions, 'log-account': accounts } = values
      const firstDate = window.fromMs === undefined ? undefined : new Date(window.fromMs).toISOString().slice(0, 10)
      return { does: 'print-schema', dialect, schema: { location: to, accounts, regions, firstDate } }
    }
    const aws = readAws(values)
    // Logs of the window's last events are delivered after it.
    const logs = { ...window, toMs: window.toMs && window.toMs + values.late }
    if (values.fleet !== undefined && (to === undefined || to === '-')) {
      throw notForFleet(
        'events --fleet needs --to <folder or s3://…>',
        'workers write events as Parquet files: --to s3://example-lake/events --format parquet',
      )
    }
    const rows = {
      selection: {
        ...readSelection({ ...values, ...noWindow, shard: undefined }, labels, nowMs),
        shard: readShard(values, logs, nowMs),
      },
      dirs: values.dir,
      window,
      lateMs: values.late,
      conditions: readConditions(values),
      unique: !values.duplicates,
      maxInflatedBytes: values['max-inflated'],
      journalDir: values['journal-dir'],
    }
    const { output: format, quiet, verbose, 'no-color': noColor } = values
    const shown = { format, pager: !values['no-pager'], quiet, verbose, noColor }
    if (sql !== undefined) return { does: 'query', aws, search: rows, sql: { text: sql }, shown }
    if (sqlFile !== undefined) return { does: 'query', aws, search: rows, sql: { file: sqlFile }, shown }
    if (to !== undefined) {
      const { unique: _always, ...search } = rows
      const fleet = readFleet(values, logs, nowMs, () => {
        const { selection, dirs: _none, journalDir: _own, ...how } = search
        return { verb: 'events', options: { ...how, to: goal ?? pathForAll(to) }, selection }
      })
      const output = { output: format === 'json' ? format : 'table', quiet, verbose, noColor } as const
      return { does: 'export', aws, search: { ...search, limit: values.limit }, to: goal ?? to, fleet, output }
    }
    if (format === 'parquet') throw parquetWithoutSql()
    const counts = values['count-by'].length > 0
    return {
      does: 'search',
      aws,
      // The first counts are known only when all records were read.
      search: { ...rows, sorted: values.sort === 'time' && !counts, limit: counts ? undefined : values.limit },
      shown: { ...shown, format, fields: values.fields, countBy: values['count-by'], limit: values.limit },
    }
  },

  async run(args, runtime) {
    switch (args.does) {
      case 'search': {
        const { showEvents } = await import('../show-events.ts')
        return showEvents(args.shown, runtime, async (form, onFound, whenWritable, listener, signal) => {
          const asked = { ...args.search, form, onFound, whenWritable }
          return search(
            args,
            { ...runtime, signal },
            async (folders) => (await folders).searchFolders(asked, { signal, threads: args.aws.threads }, listener),
            (crosstrail) => crosstrail.events(asked, listener),
          )
        })
      }
      case 'query': {
        const sql = await sqlOf(args.sql, runtime)
        const { showQuery } = await import('../show-query.ts')
        return showQuery(args.shown, runtime, async (onResult, listener, signal) => {
          const asked = { ...args.search, sql, onResult }
          return search(
            args,
            { ...runtime, signal },
            async (folders) => (await folders).queryFolders(asked, { signal, threads: args.aws.threads }, listener),
            (crosstrail) => crosstrail.queryEvents(asked, listener),
          )
        })
      }
      case 'export': {
        if (args.fleet !== undefined) {
          const { runOnFleet } = await import('../fleet/run-on-fleet.ts')
          return runOnFleet({ ...args, fleet: args.fleet, journalDir: args.search.journalDir }, runtime)
        }
        const { showExport } = await import('../show-export.ts')
        const { to, aws } = args
        if (typeof to !== 'string') {
          const { withCrosstrail } = await import('../access-args.ts')
          return showExport(args.output, to.to, runtime, (listener) =>
            withCrosstrail(aws, runtime, (crosstrail) => crosstrail.exportEvents({ ...args.search, to }, listener)),
          )
        }
        return showExport(args.output, to, runtime, async (listener) => {
          const asked = { ...args.search, to }
          const { signal } = runtime
          return search(
            args,
            runtime,
            async (folders) => (await folders).exportFolders(asked, { signal, threads: aws.threads }, listener),
            (crosstrail) => crosstrail.exportEvents(asked, listener),
          )
        })
      }
      case 'print-schema': {
        const { schemaText } = await import('../../verbs/events/print-schema.ts')
        runtime.stdout.write(schemaText(args.dialect, args.schema))
        return exitCodes.ok
      }
    }
  },
})

const noWindow = { from: undefined, until: undefined, last: undefined }

/** Folders need neither a config nor credentials. */
async function search<R>(
  { aws, search: { dirs } }: { readonly aws: AccessArgs; readonly search: Pick<EventsOptions, 'dirs'> },
  runtime: Runtime,
  inFolders: (folders: Promise<typeof import('../../app/search-folders.ts')>) => Promise<R>,
  inBucket: (crosstrail: CrosstrailApp) => Promise<R>,
): Promise<R> {
  if (dirs.length > 0) return inFolders(import('../../app/search-folders.ts'))
  const { withCrosstrail } = await import('../access-args.ts')
  return withCrosstrail(aws, runtime, inBucket)
}

const mostSqlBytes = 1024 * 1024

async function sqlOf(sql: { readonly text: string } | { readonly file: string }, { stdin }: Runtime): Promise<string> {
  if ('text' in sql) return sql.text
  const { readText } = await import('../read-text.ts')
  return readText(sql.file, stdin(), {
    mostBytes: mostSqlBytes,
    hint: 'give --sql-file a file with one SELECT, or - for stdin',
    tooLarge: () => new CrosstrailError('usage.sql', 'the SQL of --sql-file is larger than 1 MiB'),
  })
}
