import type { Account } from '../config/config.ts'
import type { PublicKeysAnswer } from '../identity/account-public-keys.ts'
import type { PublicKeysQuery } from '../identity/cloudtrail.ts'
import type { Session } from '../identity/session.ts'
import type { Reach } from '../verbs/host.ts'
import type { Rights } from '../verbs/rights.ts'
import type { RunListener } from '../work/run-event.ts'
import { type Sessions, untilStopped } from './narrowed-sessions.ts'

interface SessionWish {
  readonly listener: RunListener
  /** Of the part. */
  readonly signal: AbortSignal
  readonly reach: Reach
}

interface Kept {
  readonly session: Promise<Session>
  /** Of the latest part: it gets the notes about the refresh of the session. */
  listener: RunListener
}

/** Sessions and public keys that the parts of a larger run share. A session that fails is opened again for the next part. */
export class KeptSessions {
  readonly #sessions: Sessions
  readonly #kept = new Map<string, Kept>()
  readonly #keys = new Map<string, Promise<PublicKeysAnswer>>()

  constructor(sessions: Sessions) {
    this.#sessions = sessions
  }

  /** Throws as `Sessions.open`. If the part is stopped, the others that wait for the same session still get it. */
  async session(account: Account, rights: Rights, { listener, signal, reach }: SessionWish): Promise<Session> {
    const policy = this.#sessions.policyOf(account, rights, reach)
    const name = JSON.stringify([account.label, policy])
    const known = this.#kept.get(name)
    if (known !== undefined) known.listener = listener
    const kept = known ?? this.#open(name, listener, (hear) => this.#sessions.open(account, rights, reach, hear))
    return untilStopped(signal, account.label, () => kept.session)
  }

  /** Throws as `Sessions.publicKeys`. */
  publicKeys(account: Account, session: Session, query: PublicKeysQuery): Promise<PublicKeysAnswer> {
    const name = JSON.stringify([account.label, query])
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const answer = this.#sessions.publicKeys(account, session, query)
    if (this.#keys.size >= mostKeys) this.#keys.clear()
    this.#keys.set(name, answer)
    answer.catch(() => this.#keys.delete(name))
    return answer
  }

  #open(name: string, listener: RunListener, open: (listener: RunListener) => Promise<Session>): Kept {
    const forget = () => void (this.#kept.get(name) === kept && this.#kept.delete(name))
    const session = open((event) => kept.listener(event)).then((opened) => forgottenOnFailure(opened, forget))
    const kept: Kept = { session, listener }
    session.catch(forget)
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined && this.#kept.size >= mostSessions) this.#kept.delete(oldest)
    this.#kept.set(name, kept)
    return kept
  }
}

/** A session has a role and a policy. One run of a fleet has some ten. */
const mostSessions = 200
/** There is one answer for each region and window. */
const mostKeys = 1000

/** Returns the same session, which calls `forget` when its keys cannot be renewed. */
function forgottenOnFailure(session: Session, forget: () => void): Session {
  const watched = <T>(keys: Promise<T> | T): Promise<T> | T => {
    if (keys instanceof Promise) keys.catch(forget)
    return keys
  }
  return {
    ...session,
    current: () => watched(session.current()),
    renew: async (refused) => watched(session.renew(refused)),
  }
}
