import { CrosstrailError } from '../../error.ts'
import type { DeleteJournal } from '../../verbs/restore/read-journal.ts'
import type { Command, Runtime } from '../command.ts'
import { confirmWord, decide, isTerminal, notConfirmed } from '../confirm.ts'
import { exitCodeOfWork, exitCodes } from '../exit-code.ts'
import { flag, grouped, single } from '../option.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { actingOptions } from '../options/deleting.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { filePath } from '../../config/place-text.ts'
import { type AccessArgs, withCrosstrail } from '../access-args.ts'
import { escapeText } from '../render/escape.ts'
import { suggestedCommand } from '../suggested-command.ts'

export interface RestoreArgs {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  /** Undefined: the journal of the newest delete of this trail. */
  readonly journal: string | undefined
  readonly dryRun: boolean
  readonly yes: boolean
  readonly journalDir: string | undefined
}

const examples = [
  { does: 'Check whether the newest delete can be undone', line: 'crosstrail restore --dry-run' },
  { does: 'Undo the newest delete of this trail', line: 'crosstrail restore' },
  {
    does: 'Undo another delete, by its journal',
    line: 'crosstrail restore --journal ./journals/delete-20261101T120000Z-1a2b3c.ndjson',
  },
]

const options = {
  ...grouped('Restoring', {
    journal: single(
      'file',
      'The journal of the delete. Default: the journal of the newest delete of this trail',
      filePath,
    ),
    'dry-run': flag('Check the versions, and change nothing'),
  }),
  ...actingOptions,
  ...awsOptions,
  ...outputOptions,
}

export const restore: Command<typeof options, RestoreArgs> = {
  name: 'restore',
  summary: 'Undo a delete on a versioned bucket',
  notes: [
    'Removes exactly the delete markers that one delete added, by its journal. It removes no other marker, and never an object. If it was interrupted, run it again: it continues.',
    'With --yes it acts. On a terminal it asks for the name of the bucket. Otherwise it restores nothing and exits with 4, or with 0 for --dry-run.',
    'Without --journal it finds the newest delete of this trail in the folder of journals, shows it, and asks.',
  ],
  examples,
  options,

  check(values) {
    if (values.journal === undefined && values.yes && !values['dry-run']) {
      throw new CrosstrailError('usage.missing-option', 'restore --yes needs --journal <file>', {
        hint: 'name the journal of the delete to undo; without --yes, restore shows the newest one and asks',
        facts: { option: '--journal' },
      })
    }
    return {
      aws: readAws(values),
      output: readOutput(values),
      journal: values.journal,
      dryRun: values['dry-run'],
      yes: values.yes,
      journalDir: values['journal-dir'],
    }
  },

  async run(args, runtime) {
    const { outcomeShape: shape } = await import('../render/outcome-row.ts')
    const { showRun } = await import('../show-run.ts')
    const { aws, output, dryRun, journalDir } = args
    return withCrosstrail(aws, runtime, async (crosstrail) => {
      const journal = await crosstrail.readJournal({ file: args.journal, journalDir })
      if (args.journal === undefined && !output.quiet) {
        runtime.stderr.write(`the journal of the newest delete of this trail is ${escapeText(journal.file)}\n`)
      }
      if (!(await isToAct(journal, crosstrail.config.trail.bucket, args, runtime))) return exitCodes.ok
      const inTable = () => dryRun || output.verbose
      const report = await showRun({ output, dryRun, shape, inTable }, runtime, (listener) =>
        crosstrail.restore({ journal, dryRun, journalDir }, listener),
      )
      if (report.unanswered > 0 && !output.quiet) {
        runtime.stderr.write(
          `${report.unanswered} of these markers are not named in the journal; their times and the versions below them match the delete\n`,
        )
      }
      return exitCodeOfWork(report, runtime.stop())
    })
  },
}

async function isToAct(
  { file, copy, done, unanswered }: DeleteJournal,
  bucket: string,
  { yes, dryRun, output }: RestoreArgs,
  runtime: Runtime,
): Promise<boolean> {
  const { formatCount } = await import('../render/quantity.ts')
  const say = (line: string) => output.quiet || runtime.stderr.write(`${line}\n`)
  if (done + unanswered === 0) {
    say('nothing to restore: the journal names no deletions')
    return false
  }
  say(`${formatCount(done)} delete markers to remove; ${formatCount(unanswered)} deletes unconfirmed`)
  switch (decide({ dryRun, yes, terminal: isTerminal(runtime) })) {
    // A dry run checks every version, and removes nothing.
    case 'show':
    case 'act':
      return true
    case 'ask':
      await confirmWord(`to remove the markers, type the name of the bucket (${bucket}):`, bucket, runtime)
      return true
    case 'refuse': {
      const { yes: _yes, journal: _journal, ...others } = options
      const command = suggestedCommand(['restore', '--journal', file, '--yes'], runtime.typed, others)
      const again = 'to restore, give the same journal again with --yes'
      throw notConfirmed('nothing was restored', copy.isLasting ? `to restore: ${command}` : again)
    }
  }
}
