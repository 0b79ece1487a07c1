import type { Verb } from '../verb.ts'
import type { HandedSession } from './handed-session.ts'
import type { CredentialsOptions } from './options.ts'

/** Opens a session for use by other tools. Throws `access.…`, `usage.unknown-account`, `usage.invalid-value`, `usage.no-keyring`. */
export const creds: Verb<CredentialsOptions, object, HandedSession> = {
  name: 'creds',
  defaults: {},
  run: async (options, host) => (await import('./handed-session.ts')).handedSession(options, host),
}
