import type { Values } from '../option.ts'
import type { AccessArgs } from '../access-args.ts'
import { configOptions } from './config-option.ts'
import { connectionOptions, type ConnectionValues, fewCallsOptions, readConnection } from './connection.ts'
import { sessionOptions } from './session-options.ts'

/** The options of every command that goes to AWS. */
export const awsOptions = { ...configOptions, ...sessionOptions, ...connectionOptions }

/** Those of a command that only opens a session. */
export const sessionOnlyOptions = { ...configOptions, ...sessionOptions, ...fewCallsOptions }

export function readAws(values: Values<typeof sessionOnlyOptions> & ConnectionValues): AccessArgs {
  return {
    configFile: values.config,
    sessionPolicy: !values['no-session-policy'],
    mfaCode: values['mfa-code'],
    ...readConnection(values),
  }
}

/** The same for a command that only looks at the config. */
export function readOffline(values: Values<typeof configOptions>): AccessArgs {
  return { configFile: values.config }
}
