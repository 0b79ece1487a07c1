import { type Values, flag, grouped, single } from '../option.ts'
import type { AccessArgs } from '../access-args.ts'
import { connectionOptions, type ConnectionValues, fewCallsOptions, readConnection } from './connection.ts'
import { mfaCode } from '../parse-text.ts'
import { filePath } from '../../config/place-text.ts'

export const configOptions = grouped('Config', {
  config: single('file', 'The config file. Default: ./crosstrail.yaml, else the file in your config folder', filePath),
})

export const sessionOptions = grouped('Session', {
  'no-session-policy': flag(
    'Do not limit the session to what the command needs. Use it only if the role does not work with a session policy',
  ),
  'mfa-code': single('digits', 'The six-digit code of the MFA device, if an account needs one', mfaCode),
})

/** The options of every command that sends requests to AWS. */
export const awsOptions = { ...configOptions, ...sessionOptions, ...connectionOptions }

export const sessionOnlyOptions = { ...configOptions, ...sessionOptions, ...fewCallsOptions }

export function readAws(values: Values<typeof sessionOnlyOptions> & ConnectionValues): AccessArgs {
  return {
    configFile: values.config,
    sessionPolicy: !values['no-session-policy'],
    mfaCode: values['mfa-code'],
    ...readConnection(values),
  }
}

/** The access arguments of a command that only reads the config. */
export function readOffline(values: Values<typeof configOptions>): AccessArgs {
  return { configFile: values.config }
}
