import { CrosstrailError } from '../../error.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { choiceOr, grouped } from '../option.ts'
import { readAws, sessionOnlyOptions } from '../options/aws.ts'
import { type NarrowingArgs, narrowingOptions, readNarrowing, talkOptions } from '../options/narrowing.ts'
import type { OutputArgs } from '../options/output.ts'
import { type CredentialFormat, credentialFormats } from '../render/credential-lines.ts'
import { type AccessArgs, openForCommand } from '../access-args.ts'
import { commandWithConfig } from '../suggested-command.ts'

/** What `creds` is asked for. */
export interface CredsArgs extends NarrowingArgs {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly account: string
  readonly format: CredentialFormat
}

const examples = [
  { does: 'As variables of a POSIX shell, to be taken in with eval "$(…)"', line: 'crosstrail creds B' },
  {
    does: 'What credential_process of a profile in ~/.aws/config names, for every AWS tool',
    line: 'crosstrail creds B --format process --config /etc/crosstrail.yaml',
  },
  {
    does: 'Good for listing alone, in PowerShell: … | iex',
    line: 'crosstrail creds B --verb list --format powershell',
  },
]

const options = {
  ...grouped('Credentials', {
    format: choiceOr('format', 'How they are written. Default: env', 'env', credentialFormats),
  }),
  ...narrowingOptions,
  ...sessionOnlyOptions,
  ...talkOptions,
}

export const creds: Command<typeof options, CredsArgs> = {
  name: 'creds',
  summary: "Print temporary credentials for an account's role",
  notes: [
    'They are narrowed to what the account may do by the config. stdout holds secrets: nothing but credentials is written there, and nothing of them anywhere else.',
  ],
  examples,
  positionals: { usage: '<account>', description: 'A label of the config', max: 1, complete: { from: 'accounts' } },
  options,

  check(values, labels) {
    return {
      ...readNarrowing(values),
      aws: readAws(values),
      output: { output: 'table', quiet: values.quiet, verbose: values.verbose, noColor: values['no-color'] },
      account: demandAccount('creds', labels, values.config),
      format: values.format,
    }
  },

  async run({ aws, output, format, ...request }, runtime) {
    const { LineWriter } = await import('../render/line-writer.ts')
    const { credentialLines } = await import('../render/credential-lines.ts')
    const { startTalk } = await import('../render/talk.ts')
    const crosstrail = await openForCommand(aws, runtime)
    const quietRun = { resultsOnStdout: true, failuresOnStdout: false, moves: false, progress: false }
    const talk = startTalk({ ...runtime, ...quietRun, output })
    try {
      const { session, region } = await crosstrail.credentials(request, talk.listener)
      const { account, assumedRoleArn } = session
      const lines = credentialLines(format, await session.current(), { account, assumedRoleArn, region })
      if (runtime.stdout.isTTY === true && !output.quiet) {
        runtime.speaker.say('note: the secret key and the token of this session are shown on this terminal')
      }
      const writer = new LineWriter(runtime.stdout)
      for (const line of lines) writer.write(line)
      await writer.flush()
      return exitCodes.ok
    } finally {
      talk.stop()
      await crosstrail.close()
    }
  },
}

/** Throws `usage.missing-argument`. */
export function demandAccount(command: string, labels: readonly string[], config: string | undefined): string {
  const [label] = labels
  if (label !== undefined) return label
  throw new CrosstrailError('usage.missing-argument', `${command} needs an account`, {
    hint: `name one behind ${command}; to see which there are: ${commandWithConfig(['accounts'], config)}`,
    facts: { command },
  })
}
