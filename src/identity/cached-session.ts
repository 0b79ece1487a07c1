import type { Session } from './session.ts'
import type { SessionAccount } from './session-account.ts'
import type { SessionCache } from './session-cache.ts'
import { rememberedKeys, type SigningKeys, sameKeys } from './signing-keys.ts'

/** A cached session that expires sooner is not used, so that the caller has time to use it. */
const shortestRestMs = 5 * 60_000

export interface CacheRequest {
  readonly cache: SessionCache
  /** A text of everything that determines the session: see `sessionIdentity`. */
  readonly identity: string
  readonly open: () => Promise<Session>
  /** Called if a session could not be cached. The run continues; the next one opens its own session. */
  readonly onFailure: (error: unknown) => void
  readonly now?: (() => number) | undefined
}

/**
 * Returns the cached session if it lasts for more than five more minutes, without a call to AWS. Otherwise opens a new session and caches it.
 * A session that is refreshed is cached again. Throws what `open` throws.
 */
export async function cachedSession(account: string, request: CacheRequest): Promise<Session> {
  const { cache, identity, open, onFailure, now = Date.now } = request
  const kept = cache.take(identity)
  if (kept !== undefined) rememberedKeys(kept.keys)
  const isFresh = (keys: SigningKeys) => (keys.expiresAtMs ?? 0) - now() > shortestRestMs
  let lastKept: SigningKeys | undefined
  const keep = (session: Session, keys: SigningKeys): SigningKeys => {
    const { expiresAtMs } = keys
    if (expiresAtMs === undefined || (lastKept !== undefined && sameKeys(lastKept, keys))) return keys
    lastKept = keys
    try {
      cache.keep(identity, { keys: { ...keys, expiresAtMs }, assumedRoleArn: session.assumedRoleArn })
    } catch (error) {
      onFailure(error)
    }
    return keys
  }
  let opened: Promise<Session> | undefined
  const openOnce = () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
  const current = async () => {
    const session = await openOnce()
    return keep(session, await session.current())
  }
  const usable = kept !== undefined && isFresh(kept.keys) ? kept : undefined
  if (usable === undefined) await current()
  return {
    account,
    assumedRoleArn: usable?.assumedRoleArn ?? (await openOnce()).assumedRoleArn,
    current: () => (opened === undefined && usable !== undefined && isFresh(usable.keys) ? usable.keys : current()),
    async renew(refused) {
      const session = await openOnce()
      return keep(session, await session.renew(refused))
    },
    async starting() {
      const session = await openOnce()
      return session.starting()
    },
  }
}

/** The variables that decide who the caller is, besides the config. */
const sourceVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_STS',
  'HOME',
  'USERPROFILE',
]

/**
 * Returns everything that determines a session as one text: the resolved account, the session policy, and the variables that decide who
 * the caller is. AWS_PROFILE counts only for the sources that may read it, so that it can change for other sources without a new session.
 */
export function sessionIdentity(
  account: SessionAccount,
  policy: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const readsProfile = ['chain', 'process'].includes(account.credentials.type)
  const named = readsProfile ? [...sourceVariables, 'AWS_PROFILE'] : sourceVariables
  return JSON.stringify([account, policy ?? null, named.map((name) => env[name] ?? null)])
}
