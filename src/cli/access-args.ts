import type { CrosstrailApp, CrosstrailOptions } from '../app/crosstrail.ts'
import type { Runtime } from './command.ts'
import { terminalMfaPrompt } from './prompt.ts'

/** The connection and session options of every command that sends requests to AWS. */
export type AccessArgs = Pick<
  CrosstrailOptions,
  'configFile' | 'sessionPolicy' | 'mfaCode' | 'concurrency' | 'threads' | 'timeoutMs' | 'maxAttempts'
>

/** Opens the app for a command and closes it after `use`. MFA codes are asked for on the terminal. */
export async function withCrosstrail<T>(
  args: AccessArgs,
  runtime: Runtime,
  use: (crosstrail: CrosstrailApp) => Promise<T>,
  askMfaCode: CrosstrailOptions['askMfaCode'] = terminalMfaPrompt(runtime),
): Promise<T> {
  const { env, signal } = runtime
  const crosstrail = await runtime.open({ ...args, env, signal, askMfaCode })
  try {
    return await use(crosstrail)
  } finally {
    await crosstrail.close()
  }
}
