import type { Environment } from '../../../config/environment.ts'
import type { ProgramFacts } from './facts.ts'
import { machineSteps } from './machine-steps.ts'
import { readMachine } from './read-machine.ts'
import { readSetUp } from './read-set-up.ts'
import type { SelfStep } from './self-step.ts'
import { setUpSteps } from './set-up-steps.ts'

/**
 * Checks this machine and this set-up, for a bug report. Sends no request. The steps have no secret, and no name of an account, a role or a bucket.
 * `configFile` is the value of `--config`, which must not be empty.
 */
export async function examineSelf(
  program: ProgramFacts,
  env: Environment,
  configFile: string | undefined,
): Promise<readonly SelfStep[]> {
  return [...machineSteps(program, await readMachine()), ...setUpSteps(program, readSetUp(env, configFile))]
}
