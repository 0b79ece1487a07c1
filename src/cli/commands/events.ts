import { filePath } from '../../config/place-text.ts'
import { CrosstrailError } from '../../error.ts'
import { eventKinds, eventsDefaults, type EventsOptions } from '../../verbs/events/options.ts'
import { type AccessArgs } from '../access-args.ts'
import { command } from '../command.ts'
import { choiceList, choiceOr, grouped, many, singleOr } from '../option.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { threadOptions } from '../options/connection.ts'
import {
  eventWindowOptions,
  filterOptions,
  handingOutOptions,
  readConditions,
  readEventWindow,
  shownFormats,
} from '../options/events.ts'
import { outputOptions } from '../options/output.ts'
import { readSelection, selectingWithoutWindow } from '../options/selecting.ts'
import { sizeInBytes } from '../parse-text.ts'
import { accountPositionals } from '../positionals.ts'
import type { ShownEvents } from '../show-events.ts'

export interface EventsArgs {
  readonly aws: AccessArgs
  readonly search: Omit<EventsOptions, 'form' | 'onFound' | 'whenWritable'>
  readonly shown: ShownEvents
}

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
]

const { output: _format, ...talkOptions } = outputOptions

const options = {
  ...grouped('Searching', {
    dir: many('folder', 'Search the logs in this folder or file instead of the bucket. Repeatable', filePath),
  }),
  ...filterOptions,
  ...eventWindowOptions,
  ...selectingWithoutWindow,
  ...grouped('Selecting', { kind: choiceList('kind', 'Only logs of this kind. Repeatable', eventKinds) }),
  ...grouped('Output', {
    output: choiceOr(
      'format',
      'The format of records on stdout. Default: table on a terminal, else json, which is each record as it was logged, one per line',
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
  ...talkOptions,
  ...awsOptions,
  ...threadOptions,
}

export const events = command({
  name: 'events',
  summary: 'Search the records of events in logs',
  notes: [
    'Filters are combined with and. Values that are repeated or separated by commas are combined with or. In a value, * stands for any characters and ? for one; ! before it excludes it. Case counts.',
    'The window is one of event times. Logs are read that were delivered up to --late after it. A record that was delivered several times is shown once.',
    'No match is no failure. Logs and records that cannot be read are, and the exit code is 1.',
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs): EventsArgs {
    if (values.fields.length > 0 && values['count-by'].length > 0) {
      throw new CrosstrailError('usage.conflict', '--fields and --count-by do not go together')
    }
    const counts = values['count-by'].length > 0
    return {
      aws: readAws(values),
      search: {
        selection: {
          ...readSelection({ ...values, from: undefined, until: undefined, last: undefined }, labels, nowMs),
        },
        dirs: values.dir,
        window: readEventWindow(values, nowMs),
        lateMs: values.late,
        conditions: readConditions(values),
        unique: !values.duplicates,
        sorted: values.sort === 'time' && !counts,
        // Of counts, --limit shows the first.
        limit: counts ? undefined : values.limit,
        maxInflatedBytes: values['max-inflated'],
      },
      shown: {
        format: values.output,
        fields: values.fields,
        countBy: values['count-by'],
        limit: values.limit,
        pager: !values['no-pager'],
        quiet: values.quiet,
        verbose: values.verbose,
        noColor: values['no-color'],
      },
    }
  },

  async run({ aws, search, shown }, runtime) {
    const { showEvents } = await import('../show-events.ts')
    return showEvents(shown, runtime, async (form, onFound, whenWritable, listener, signal) => {
      const asked = { ...search, form, onFound, whenWritable }
      if (search.dirs.length > 0) {
        const { searchFolders } = await import('../../app/search-folders.ts')
        return searchFolders(asked, { signal, threads: aws.threads }, listener)
      }
      const { withCrosstrail } = await import('../access-args.ts')
      return withCrosstrail(aws, { ...runtime, signal }, (crosstrail) => crosstrail.events(asked, listener))
    })
  },
})
