import type { Environment } from '../../config/environment.ts'
import { CrosstrailError } from '../../error.ts'
import { rememberWord } from '../../secrets/masked-text.ts'

/** Where Redis is, and who connects. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly database: number
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: boolean
  /** For messages: the URL without a password. */
  readonly shown: string
}

export const passwordVariable = 'CROSSTRAIL_FLEET_PASSWORD'

const form = 'redis://[user@]host[:port][/database], or rediss://… for TLS'

/**
 * Reads the address of a fleet. The password comes from the environment only, because process arguments are visible to others.
 * Throws `usage.fleet-url`.
 */
export function redisAddress(url: string, env: Environment): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '') {
    throw wrongUrl(`a fleet needs the URL of a Redis`, `write it as ${form}`)
  }
  if (parsed.password !== '') {
    throw wrongUrl(
      'the URL of a fleet must not contain a password',
      `set ${passwordVariable} to the password, and leave it out of the URL`,
    )
  }
  const database = /^\/?(\d{0,4})$/.exec(parsed.pathname)?.[1]
  if (database === undefined || parsed.search !== '' || parsed.hash !== '') {
    throw wrongUrl('the URL of a fleet has parts that are not known', `write it as ${form}`)
  }
  const password = env[passwordVariable]
  if (password === '') {
    throw wrongUrl(`${passwordVariable} is empty`, 'set it to the password of Redis, or unset it')
  }
  rememberWord(password, { everywhere: true })
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    database: Number(database),
    user: parsed.username === '' ? undefined : decodeURIComponent(parsed.username),
    password,
    tls: parsed.protocol === 'rediss:',
    shown: parsed.href,
  }
}

/** The URL is not shown, because it may contain a password. */
function wrongUrl(message: string, hint: string): CrosstrailError {
  return new CrosstrailError('usage.fleet-url', message, { hint })
}
