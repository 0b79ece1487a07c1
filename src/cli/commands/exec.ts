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
    does: 'An AWS tool with the session of an account',
    line: 'crosstrail exec B -- aws s3 ls s3://logs/AWSLogs/222222222222/',
  },
  {
    does: 'One that takes hours, with credentials that are refreshed, and that cannot write',
    line: 'crosstrail exec Z --server --read-only -- aws s3 sync s3://logs/AWSLogs/ ./logs',
  },
  { does: 'A shell, the one that SHELL names', line: 'crosstrail exec B' },
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
    'Without a command it opens the shell that SHELL names, or /bin/sh. End that shell with exit.',
    'Variables that speak of other credentials are taken out. Signals and the exit code of the command are passed on; 127 is a command that is not there, 126 one that cannot be run, 128 and a number the signal that ended it. Where the session cannot be had, the command is not run.',
  ],
  examples,
  positionals: {
    usage: '<account> [-- <command…>]',
    description: 'A label of the config; behind -- the command and its arguments, which no shell reads',
    max: 1,
    commandLine: true,
    complete: { from: 'accounts' },
  },
  options,

  check(values, labels, _nowMs, commandLine = []) {
    const account = demandAccount('exec', labels, values.config)
    if (commandLine[0] === '') {
      throw new CrosstrailError('usage.missing-argument', 'the command of exec is an empty text', {
        hint: `write a command behind two dashes: ${commandWithConfig(['exec', account], values.config)} -- aws s3 ls`,
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
    // As it was: what follows writes to that of the process
    const env = { ...runtime.env }
    let runs = false
    const askMfaCode = terminalMfaPrompt(runtime)
    // The terminal is the command's once it runs
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

/** A shell looks like any other: this says whose credentials it holds. */
async function shellNote({ session }: HandedSession, serves: boolean): Promise<string> {
  const { expiresAtMs } = await session.current()
  const until = serves || expiresAtMs === undefined ? '' : ` until ${formatInstant(expiresAtMs)}`
  return `note: this shell holds credentials of account ${session.account} (${session.assumedRoleArn})${until}; exit ends it`
}

function refreshFailure(account: string, error: unknown): string {
  const why = error instanceof CrosstrailError ? error.message : 'no reason given'
  return `crosstrail: no credentials for account ${account}: ${why}`
}

/** Credentials found in the environment would be the outer session's, which may assume nothing. */
function refuseNesting({ env }: Runtime): void {
  const outer = env['CROSSTRAIL_ACCOUNT']
  if (outer === undefined || outer === '') return
  throw new CrosstrailError('usage.nested-exec', `this runs in the command of an exec for ${outer} already`, {
    hint: 'end that one first, or unset CROSSTRAIL_ACCOUNT to run this one nonetheless',
    facts: { account: outer },
  })
}

function tooLate(account: string): Promise<string> {
  return Promise.reject(
    new CrosstrailError(
      'access.mfa-no-terminal',
      `account ${account} needs another MFA code, and its command has the terminal`,
      {
        hint: 'ask for a longer session with duration in the config, or set mfaProcess',
        facts: { account },
      },
    ),
  )
}
