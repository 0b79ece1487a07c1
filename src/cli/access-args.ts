import type { CrosstrailApp, CrosstrailOptions } from '../app/crosstrail.ts'
import type { Runtime } from './command.ts'
import { terminalMfaPrompt } from './prompt.ts'

/** What every command that goes to AWS is told of the way there. */
export type AccessArgs = Pick<
  CrosstrailOptions,
  'configFile' | 'sessionPolicy' | 'mfaCode' | 'concurrency' | 'threads' | 'timeoutMs' | 'maxAttempts'
>

/** Opens what a command works with. Codes of MFA devices are asked for on the terminal. */
export function openForCommand(
  args: AccessArgs,
  runtime: Runtime,
  askMfaCode: CrosstrailOptions['askMfaCode'] = terminalMfaPrompt(runtime),
): Promise<CrosstrailApp> {
  const { env, signal } = runtime
  return runtime.open({ ...args, env, signal, askMfaCode })
}
