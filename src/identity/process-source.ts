import { CrosstrailError } from '../error.ts'
import { filledText, parseObject } from './parse-object.ts'
import { programName } from './program-name.ts'
import { runShell } from './shell-command.ts'
import type { SigningKeys } from './signing-keys.ts'

/**
 * Returns the keys that a command of the config prints. The contract is `credential_process` of the AWS tools: it prints
 * `{"Version":1,"AccessKeyId","SecretAccessKey","SessionToken"?,"Expiration"?}` and exits with 0. The shell runs it, as with the SDK.
 * Throws `access.process-failed`, which shows neither the command nor its output: both may contain secrets.
 */
export async function processKeys(command: string, account: string, signal?: AbortSignal): Promise<SigningKeys> {
  const outcome = await runShell(command, { account, signal })
  if ('ended' in outcome) throw processFailed(command, account, outcome.ended)
  const answer = parseObject(outcome.stdout)
  if (answer === undefined) throw processFailed(command, account, 'did not print a JSON object')
  if (answer['Version'] !== 1) throw processFailed(command, account, 'printed a Version other than 1')
  const accessKeyId = filledText(answer['AccessKeyId'])
  const secretAccessKey = filledText(answer['SecretAccessKey'])
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw processFailed(command, account, 'printed no AccessKeyId or no SecretAccessKey')
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: filledText(answer['SessionToken']),
    expiresAtMs: expirationMs(answer['Expiration'], command, account),
  }
}

function expirationMs(value: unknown, command: string, account: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(atMs)) throw processFailed(command, account, 'printed an Expiration that is not a time')
  return atMs
}

export const processHint = 'run the command by hand: it must print the JSON of credential_process and exit with 0'

function processFailed(command: string, account: string, what: string): CrosstrailError {
  const program = programName(command)
  const message = `the credential process ${program} of account ${account} ${what}`
  return new CrosstrailError('access.process-failed', message, {
    hint: processHint,
    facts: { account, program },
  })
}
