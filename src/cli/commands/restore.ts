import { CrosstrailError } from '../../error.ts'
import type { DeleteJournal } from '../../verbs/delete/read-journal.ts'
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
  /** Undefined: that of the newest delete of this trail. */
  readonly journal: string | undefined
  readonly dryRun: boolean
  readonly yes: boolean
  readonly journalDir: string | undefined
}

const examples = [
  { does: 'Whether all that the newest delete took can be brought back', line: 'crosstrail restore --dry-run' },
  { does: 'Take the newest delete of this trail back', line: 'crosstrail restore' },
  {
    does: 'Take another one back, by its journal',
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
    'Removes exactly the delete markers that one delete made, by its journal: no marker of anybody else, and never an object. Run it again and it goes on.',
    '--yes acts; a terminal is asked for the name of the bucket; without either nothing is restored, and the exit code is 4, unless --dry-run asks for a look.',
    'Without --journal it looks in the folder of the journals, names the newest delete of this trail, and asks.',
  ],
  examples,
  options,

  check(values) {
    if (values.journal === undefined && values.yes && !values['dry-run']) {
      throw new CrosstrailError('usage.missing-option', 'restore --yes needs --journal <file>, and none is given', {
        hint: 'name the delete that is taken back; without --yes the newest one is shown, and you are asked',
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
      const file = args.journal ?? crosstrail.deletion.newestDelete(journalDir)
      const of = await crosstrail.deletion.openJournal(file, journalDir)
      if (args.journal === undefined && !output.quiet) {
        runtime.stderr.write(`the newest delete of this trail left the journal ${escapeText(file)}\n`)
      }
      if (!(await isToAct(of, crosstrail.config.trail.bucket, args, runtime))) return exitCodes.ok
      const inTable = () => dryRun || output.verbose
      const report = await showRun({ output, dryRun, shape, inTable }, runtime, (listener) =>
        crosstrail.deletion.restore(of, { dryRun, journalDir }, listener),
      )
      if (report.unanswered > 0 && !output.quiet) {
        runtime.stderr.write(
          `${report.unanswered} of them had no answer in the journal, and were taken for the delete's by their time and the version below\n`,
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
    say('the journal names no deletion: nothing to take back')
    return false
  }
  say(`${formatCount(done)} delete markers to remove; ${formatCount(unanswered)} deletes unconfirmed`)
  switch (decide({ dryRun, yes, terminal: isTerminal(runtime) })) {
    // A dry run looks at every version, and removes nothing.
    case 'show':
    case 'act':
      return true
    case 'ask':
      await confirmWord(`to remove the markers, type the name of the bucket (${bucket}):`, bucket, runtime)
      return true
    case 'refuse': {
      const { yes: _yes, journal: _journal, ...others } = options
      const command = suggestedCommand(['restore', '--journal', file, '--yes'], runtime.typed, others)
      const again = 'to do it, give the same journal again with --yes'
      throw notConfirmed('nothing was restored', copy.isLasting ? `to do it: ${command}` : again)
    }
  }
}
