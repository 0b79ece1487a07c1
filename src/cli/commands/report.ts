import { filePath, folderPath } from '../../config/place-text.ts'
import { CrosstrailError } from '../../error.ts'
import { eventKinds } from '../../verbs/events/options.ts'
import { reportDefaults, type ReportOptions } from '../../verbs/report/options.ts'
import type { AccessArgs } from '../access-args.ts'
import type { Command } from '../command.ts'
import { choiceList, flag, grouped, many, single, singleOr } from '../option.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { threadOptions } from '../options/connection.ts'
import { outputOptions, readOutput } from '../options/output.ts'
import { readSelection, selecting } from '../options/selecting.ts'
import { movedFromOption } from '../options/verifying.ts'
import { sizeInBytes } from '../parse-text.ts'
import { accountPositionals } from '../positionals.ts'
import type { ShownReport } from '../show-report.ts'

export interface ReportArgs {
  readonly aws: AccessArgs
  readonly report: ReportOptions
  readonly shown: ShownReport
}

const defaultFile = 'crosstrail-report.html'

const examples = [
  { does: 'Report about the last 30 days, in crosstrail-report.html', line: 'crosstrail report' },
  {
    does: 'Report about a quarter, and compare the hash of each log',
    line: 'crosstrail report Z --from 2026-07-01 --until 2026-10-01 --verify --report q3.html',
  },
  { does: 'Report about a folder, without a network', line: 'crosstrail report --dir ./logs --keys keys.json' },
  {
    does: 'The gaps of the last week as JSON, for a script',
    line: 'crosstrail report --last 7d --output json --fail-on-gap',
  },
]

const options = {
  ...grouped('Reporting', {
    report: single(
      'file',
      `Write the page to this file. Default: ${defaultFile}, but with --output json no page is written`,
      filePath,
    ),
    dir: many(
      'folder',
      'Report about the mirror in this folder instead of the bucket. Without --keys its digests are not checked. Repeatable',
      folderPath(),
    ),
    keys: single(
      'file',
      'Public keys of CloudTrail, as verify --save-keys or aws cloudtrail list-public-keys wrote them',
      filePath,
    ),
    'moved-from': movedFromOption,
    verify: flag('Read each log and compare its hash. Without it, only listings and digests are read'),
    events: flag('Read each log and count events by name, user, error, source and address'),
    'fail-on-gap': flag('Exit with 1 if there are findings'),
    'max-inflated': singleOr(
      'size',
      'Maximum size of an unzipped log; a larger one fails. Default: 1GiB',
      reportDefaults.maxInflatedBytes,
      sizeInBytes,
    ),
    'journal-dir': single(
      'folder',
      'Where runs left their journals. Default: the folder that copy and delete use',
      folderPath(),
    ),
  }),
  ...selecting,
  ...grouped('Selecting', { kind: choiceList('kind', 'Only logs of this kind. Repeatable', eventKinds) }),
  ...awsOptions,
  ...threadOptions,
  ...outputOptions,
}

export const report: Command<typeof options, ReportArgs> = {
  name: 'report',
  summary: 'Write one HTML page: what is complete, what is missing, what was not checked',
  notes: [
    'The page says in words what was looked at and what is wrong, and shows each log account, region and day. It is one file that loads nothing and runs no script. It names accounts, users and addresses, so share it with care.',
    'Without a window it is about the last 30 days. A report about a folder is about everything in it, until its newest digest, or without --keys its newest log.',
    'The exit code is 1 if something could not be looked at, and with --fail-on-gap also if there are findings.',
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs) {
    const { dir: dirs, keys: keysFile } = values
    const output = readOutput(values)
    if (output.output === 'csv') {
      throw new CrosstrailError('usage.conflict', 'a report has no CSV: its figures are one JSON document', {
        hint: 'use --output json',
        facts: { option: '--output' },
      })
    }
    if (dirs.length > 0 && labels.length > 0) {
      throw new CrosstrailError(
        'usage.conflict',
        'accounts cannot be combined with --dir, because they read the bucket',
        {
          hint: 'to select logs of a folder by account, use --log-account',
        },
      )
    }
    return {
      aws: readAws(values),
      report: {
        selection: readSelection(values, labels, nowMs),
        dirs,
        keysFile,
        movedFrom: values['moved-from'],
        verify: values.verify,
        events: values.events,
        maxInflatedBytes: values['max-inflated'],
        journalDir: values['journal-dir'],
      },
      shown: {
        output,
        file: values.report ?? (output.output === 'json' ? undefined : defaultFile),
        failOnGap: values['fail-on-gap'],
      },
    }
  },

  async run({ aws, report: asked, shown }, runtime) {
    const { showReport } = await import('../show-report.ts')
    return showReport(shown, runtime, async (listener, onObject) => {
      const request = { ...asked, onObject }
      if (asked.dirs.length > 0) {
        const { reportFolders } = await import('../../app/report-folders.ts')
        return reportFolders(request, { signal: runtime.signal, threads: aws.threads }, listener)
      }
      const { withCrosstrail } = await import('../access-args.ts')
      return withCrosstrail(aws, runtime, (crosstrail) => crosstrail.report(request, listener))
    })
  },
}
