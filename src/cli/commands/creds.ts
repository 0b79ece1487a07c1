import { CrosstrailError } from '../../error.ts'
import { command } from '../command.ts'
import { choiceOr, grouped } from '../option.ts'
import { readAws, sessionOnlyOptions } from '../options/aws.ts'
import { narrowingOptions, readNarrowing, readTalk, talkOptions } from '../options/narrowing.ts'
import { credentialFormats } from '../render/credential-lines.ts'
import { withCrosstrail } from '../access-args.ts'
import { printLines } from '../print-text.ts'
import { commandWithConfig } from '../suggested-command.ts'

const examples = [
  { does: 'Print variables for a POSIX shell, to be used with eval "$(…)"', line: 'crosstrail creds B' },
  {
    does: 'The credential_process of a profile in ~/.aws/config, for all AWS tools',
    line: 'crosstrail creds B --format process --config /etc/crosstrail.yaml',
  },
  {
    does: 'Credentials for list only, in PowerShell: … | iex',
    line: 'crosstrail creds B --verb list --format powershell',
  },
]

const options = {
  ...grouped('Credentials', {
    format: choiceOr('format', 'The output format. Default: env', 'env', credentialFormats),
  }),
  ...narrowingOptions,
  ...sessionOnlyOptions,
  ...talkOptions,
}

export const creds = command({
  name: 'creds',
  summary: "Print temporary credentials for an account's role",
  notes: [
    'The credentials may do only what the config allows the account to do. stdout contains secrets: only the credentials are written there, and they are not shown anywhere else.',
  ],
  examples,
  positionals: { usage: '<account>', description: 'A label of the config', max: 1, complete: { from: 'accounts' } },
  options,

  check(values, labels) {
    return {
      ...readNarrowing(values),
      aws: readAws(values),
      output: readTalk(values),
      account: demandAccount('creds', labels, values.config),
      format: values.format,
    }
  },

  async run({ aws, output, format, ...request }, runtime) {
    const { credentialLines } = await import('../render/credential-lines.ts')
    const { startTalk } = await import('../render/talk.ts')
    const quietRun = { resultsOnStdout: true, failuresOnStdout: false, moves: false, progress: false }
    return withCrosstrail(aws, runtime, async (crosstrail) => {
      const talk = startTalk({ ...runtime, ...quietRun, output })
      try {
        const { session, region } = await crosstrail.credentials(request, talk.listener)
        const { account, assumedRoleArn } = session
        const lines = credentialLines(format, await session.current(), { account, assumedRoleArn, region })
        if (runtime.stdout.isTTY === true && !output.quiet) {
          runtime.speaker.say('note: the secret key and the token of this session are shown on this terminal')
        }
        return await printLines(runtime.stdout, lines)
      } finally {
        talk.stop()
      }
    })
  },
})

/** Throws `usage.missing-argument`. */
export function demandAccount(command: string, labels: readonly string[], config: string | undefined): string {
  const [label] = labels
  if (label !== undefined) return label
  throw new CrosstrailError('usage.missing-argument', `${command} needs an account`, {
    hint: `name one after ${command}; to list the accounts: ${commandWithConfig(['accounts'], config)}`,
    facts: { command },
  })
}
