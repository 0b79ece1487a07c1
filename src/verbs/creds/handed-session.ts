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

/** A session to be handed out, and where it is good for something. */
export interface HandedSession {
  readonly session: Session
  /** Of the trail's bucket. */
  readonly region: string
}

/** In the environment of the programs that credentials come from: for which accounts they are sought, one a line. */
export const seekingVariable = 'CROSSTRAIL_SEEKING_CREDENTIALS'

const mostSessionBytes = 1024 * 1024

/**
 * Opens a session to be handed out: narrowed to the verbs asked for, else to all that the account's `allow` has, and to the log accounts
 * it reads. Throws `access.…`, `usage.unknown-account`, `usage.invalid-value`, and `usage.no-keyring` before any call where a cache is asked for and none is offered.
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

/**
 * | asked for | narrowed to |
 * | --- | --- |
 * | `--verb` | those verbs; each must be in `allow` |
 * | `--read-only` | what of list and download is in `allow` |
 * | nothing | all of `allow` |
 */
function askedRights(account: Account, { verbs, readOnly = false, copyTo }: CredentialsOptions): Rights {
  const asked = verbs ?? (readOnly ? account.allow.filter((verb) => readingVerbs.has(verb)) : account.allow)
  const target = copyTo === undefined ? undefined : copyTarget(account, asked, copyTo)
  return rightsOf(asked, target)
}

const readingVerbs: ReadonlySet<Verb> = new Set(['list', 'download'])

function copyTarget(account: Account, asked: readonly Verb[], copyTo: string): CopyDestination {
  if (asked.includes('copy')) return demandDestination(copyTo)
  throw new CrosstrailError('access.verb-not-allowed', `account ${account.label} does not allow copy`, {
    hint: `add copy to accounts.${account.label}.allow, or leave --copy-to out`,
    facts: { account: account.label, verb: 'copy' },
  })
}

/** A profile whose credential_process asks for the account that takes its credentials from this profile would start programs without end. */
function refuseLoop(seeker: string, label: string, env: Environment): void {
  const seekers = (env[seekingVariable] ?? '').split('\n').filter(Boolean)
  if (seekers.includes(seeker)) {
    const message = `the credentials of account ${label} are sought by way of crosstrail's own credentials for account ${label}`
    throw new CrosstrailError('access.credentials-loop', message, {
      hint: `give account ${label} a source of its own, such as credentials: { profile: … }: the profile in use asks crosstrail in turn`,
      facts: { account: label },
    })
  }
  // The SDK and the config's commands start programs with the environment of this process
  process.env[seekingVariable] = [...seekers, seeker].join('\n')
}

function notKept(account: string, error: unknown) {
  return {
    type: 'note',
    level: 'warning',
    code: 'session-not-kept',
    message: `the session could not be kept for the next run: ${error instanceof Error ? error.message : 'no reason given'}`,
    account,
  } as const
}
