import { accountsByLabel } from '../../config/account-labels.ts'
import type { Environment } from '../../config/environment.ts'
import { join } from 'node:path'
import type { Account, Verb } from '../../config/config.ts'
import { makeNamedFolder } from '../../disk/make-folder.ts'
import { readRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError } from '../../error.ts'
import { cachedSession, sessionIdentity } from '../../identity/cached-session.ts'
import { type Keyring, platformKeyring } from '../../identity/keyring.ts'
import type { Session } from '../../identity/session.ts'
import { openSessionCache } from '../../identity/session-cache.ts'
import { type CopyDestination, demandDestination } from '../../sinks/bucket/destination.ts'
import { cacheFolder } from '../cache-folder.ts'
import { homeFolder } from '../home-folder.ts'
import type { Host } from '../host.ts'
import type { Rights } from '../rights.ts'
import { rightsOf } from '../verb-rights.ts'
import type { CredentialsOptions } from './options.ts'

export interface HandedSession {
  readonly session: Session
  /** The region of the trail's bucket. */
  readonly region: string
}

/** Set for programs that supply credentials: the accounts whose credentials are being requested, one per line. */
export const seekingVariable = 'CROSSTRAIL_SEEKING_CREDENTIALS'

const mostSessionBytes = 1024 * 1024

/**
 * Opens a session for use by other tools, narrowed to the requested verbs and to the log accounts that the account reads. Throws `access.…`,
 * `usage.unknown-account`, `usage.invalid-value`, and before any call `usage.no-keyring` if a cache is requested but there is no keyring.
 */
export async function handedSession(
  request: CredentialsOptions,
  { config, env, session: openSession, policyOf, listener }: Host,
  keyring: Keyring = platformKeyring,
): Promise<HandedSession> {
  const [account] = accountsByLabel(config, [request.account])
  if (account === undefined) throw new Error(`no account ${request.account}`)
  refuseLoop(`${config.file}#${account.label}`, account.label, env)
  const rights = askedRights(account, request)
  const reach = account.reads === 'own' ? [account.id] : account.reads
  const open = () => openSession(account, rights, reach)
  const { region } = config.trail
  if (request.cache !== true) return { session: await open(), region }

  const policy = policyOf(account, rights, reach)
  const session = await cachedSession(account.label, {
    cache: await openSessionCache(join(cacheFolder(env, homeFolder()), 'sessions'), keyring, {
      read: (file) => readRegularFile(file, mostSessionBytes),
      makeFolder: makeNamedFolder,
    }),
    identity: sessionIdentity(account, policy?.json, env),
    open,
    onFailure: (error) => listener(notKept(account.label, error)),
  })
  return { session, region }
}

/** The requested verbs, or with `readOnly` list and download as far as `allow` has them, or else all of `allow`. */
function askedRights(account: Account, { verbs, readOnly = false, copyTo }: CredentialsOptions): Rights {
  const asked = verbs ?? (readOnly ? account.allow.filter((verb) => readingVerbs.has(verb)) : account.allow)
  const target = copyTo === undefined ? undefined : copyTarget(account, asked, copyTo)
  return rightsOf(asked, target)
}

const readingVerbs: ReadonlySet<Verb> = new Set(['list', 'download'])

function copyTarget(account: Account, asked: readonly Verb[], copyTo: string): CopyDestination {
  if (asked.includes('copy')) return demandDestination(copyTo)
  throw new CrosstrailError('access.verb-not-allowed', `account ${account.label} does not allow copy`, {
    hint: `add copy to accounts.${account.label}.allow, or omit --copy-to`,
    facts: { account: account.label, verb: 'copy' },
  })
}

/** If a profile's credential_process runs crosstrail for the account that uses this profile, programs would start without end. */
function refuseLoop(seeker: string, label: string, env: Environment): void {
  const seekers = (env[seekingVariable] ?? '').split('\n').filter(Boolean)
  if (seekers.includes(seeker)) {
    const message = `the credentials of account ${label} depend on themselves: their source runs crosstrail for account ${label}`
    throw new CrosstrailError('access.credentials-loop', message, {
      hint: `use another credential source for account ${label}, such as credentials: { profile: … } with a profile that does not run crosstrail`,
      facts: { account: label },
    })
  }
  // The SDK and the config's commands start programs with this process's environment.
  process.env[seekingVariable] = [...seekers, seeker].join('\n')
}

function notKept(account: string, error: unknown) {
  return {
    type: 'note',
    level: 'warning',
    code: 'session-not-kept',
    message: `could not keep the session for the next run: ${error instanceof Error ? error.message : 'no reason given'}`,
    account,
  } as const
}
