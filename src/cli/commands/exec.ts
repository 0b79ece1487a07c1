import { CrosstrailError } from '../../error.ts'
import type { Environment } from '../../config/environment.ts'
import type { CrosstrailApp } from '../../app/crosstrail.ts'
import { command, type Runtime } from '../command.ts'
import { flag, grouped } from '../option.ts'
import { readAws, sessionOnlyOptions } from '../options/aws.ts'
import { narrowingOptions, readNarrowing, readTalk, talkOptions } from '../options/narrowing.ts'
import { terminalMfaPrompt } from '../prompt.ts'
import type { HandedSession } from '../../verbs/creds/handed-session.ts'
import { withCrosstrail } from '../access-args.ts'
import { commandWithConfig } from '../suggested-command.ts'
import { formatInstant } from '../../trail/time.ts'
import { demandAccount } from './creds.ts'

const examples = [
  {
    does: 'Run an AWS tool with the session of an account',
    line: 'crosstrail exec B -- aws s3 ls s3://logs/AWSLogs/222222222222/',
  },
  {
    does: 'Run a command for hours, with refreshed credentials that cannot write',
    line: 'crosstrail exec Z --server --read-only -- aws s3 sync s3://logs/AWSLogs/ ./logs',
  },
  { does: 'Open the shell in the variable SHELL', line: 'crosstrail exec B' },
]

const options = {
  ...grouped('Credentials', {
    server: flag('Serve refreshed credentials to the command on 127.0.0.1, so that they do not expire while it runs'),
  }),
  ...narrowingOptions,
  ...sessionOnlyOptions,
  ...talkOptions,
}

export const exec = command({
  name: 'exec',
  summary: "Run a command, or a shell, with an account's session in its environment",
  notes: [
    'Without a command, exec opens the shell in the variable SHELL, or /bin/sh. To end that shell, type exit.',
    'exec removes environment variables of other credentials. It passes signals to the command and exits with the exit code of the command. 127 means that the command does not exist, 126 that it cannot be run, and 128 plus a signal number that this signal ended it. If the session cannot be opened, the command is not run.',
  ],
  examples,
  positionals: {
    usage: '<account> [-- <command…>]',
    description: 'A label of the config. After --, the command and its arguments, which no shell interprets',
    max: 1,
    commandLine: true,
    complete: { from: 'accounts' },
  },
  options,

  check(values, labels, _nowMs, commandLine = []) {
    const account = demandAccount('exec', labels, values.config)
    if (commandLine[0] === '') {
      throw new CrosstrailError('usage.missing-argument', 'the command of exec is empty', {
        hint: `write a command after two dashes: ${commandWithConfig(['exec', account], values.config)} -- aws s3 ls`,
        facts: { command: 'exec' },
      })
    }
    return {
      ...readNarrowing(values),
      aws: readAws(values),
      output: readTalk(values),
      account,
      commandLine: commandLine.length === 0 ? undefined : commandLine,
      server: values.server,
    }
  },

  async run({ aws, output, commandLine, server, ...request }, runtime) {
    const { startTalk } = await import('../render/talk.ts')
    refuseNesting(runtime)
    // A copy: opening the session writes to the environment of the process
    const env = { ...runtime.env }
    let runs = false
    const askMfaCode = terminalMfaPrompt(runtime)
    // Once the command runs, it owns the terminal
    const askBefore = askMfaCode && ((serial: string, of: string) => (runs ? tooLate(of) : askMfaCode(serial, of)))
    const quietRun = { resultsOnStdout: false, failuresOnStdout: false, moves: false, progress: false }
    const runInSession = async (crosstrail: CrosstrailApp) => {
      const talk = startTalk({ ...runtime, ...quietRun, output })
      try {
        const handed = await crosstrail.credentials(request, talk.listener)
        runtime.signal.throwIfAborted()
        if (commandLine === undefined && !output.quiet) runtime.speaker.say(await shellNote(handed, server))
        runs = true
        return await runCommand(commandLine ?? [shellOf(env)], handed, server, { ...runtime, env })
      } finally {
        talk.stop()
      }
    }
    return withCrosstrail(aws, runtime, runInSession, askBefore)
  },
})

async function runCommand(
  commandLine: readonly string[],
  { session, region }: HandedSession,
  serves: boolean,
  { env, stdin, stdout, stderr, speaker, handOverSignals }: Runtime,
): Promise<number> {
  const { execCommand } = await import('../exec-command.ts')
  const { execEnvironment } = await import('../exec-environment.ts')
  const { startCredentialsServer } = await import('../credentials-server.ts')
  const onFailure = (error: unknown) => speaker.say(refreshFailure(session.account, error))
  const server = serves ? await startCredentialsServer({ current: () => session.current(), onFailure }) : undefined
  try {
    const credentials = server ?? (await session.current())
    return await execCommand(commandLine, {
      env: execEnvironment(env, { account: session.account, region, credentials }),
      handOverSignals,
      hasTerminal: [stdin(), stdout, stderr].some(({ isTTY }) => isTTY === true),
    })
  } finally {
    await server?.close()
  }
}

function shellOf(env: Environment, platform: NodeJS.Platform = process.platform): string {
  return (platform === 'win32' ? env['ComSpec'] : env['SHELL']) || (platform === 'win32' ? 'cmd.exe' : '/bin/sh')
}

/** A shell does not show whose credentials it has, so this note does. */
async function shellNote({ session }: HandedSession, serves: boolean): Promise<string> {
  const { expiresAtMs } = await session.current()
  const until = serves || expiresAtMs === undefined ? '' : ` until ${formatInstant(expiresAtMs)}`
  return `note: this shell holds credentials of account ${session.account} (${session.assumedRoleArn})${until}; exit ends it`
}

function refreshFailure(account: string, error: unknown): string {
  const why = error instanceof CrosstrailError ? error.message : 'unknown reason'
  return `crosstrail: no credentials for account ${account}: ${why}`
}

/** A nested exec would find the credentials of the outer session, which cannot assume a role. */
function refuseNesting({ env }: Runtime): void {
  const outer = env['CROSSTRAIL_ACCOUNT']
  if (outer === undefined || outer === '') return
  throw new CrosstrailError('usage.nested-exec', `this already runs inside an exec for account ${outer}`, {
    hint: 'end that command first, or unset CROSSTRAIL_ACCOUNT to run this one anyway',
    facts: { account: outer },
  })
}

function tooLate(account: string): Promise<string> {
  return Promise.reject(
    new CrosstrailError(
      'access.mfa-no-terminal',
      `account ${account} needs another MFA code, but the running command uses the terminal`,
      {
        hint: 'set a longer duration in the config, or set mfaProcess',
        facts: { account },
      },
    ),
  )
}
