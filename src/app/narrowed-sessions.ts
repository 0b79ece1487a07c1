import type { Account, Config } from '../config/config.ts'
import { refuseUnusable } from '../config/unset-variable.ts'
import { CrosstrailError } from '../error.ts'
import { type PublicKeysAnswer, publicKeysFor } from '../identity/account-public-keys.ts'
import type { PublicKeysQuery } from '../identity/cloudtrail.ts'
import { mfaAsker, type MfaAsker, type MfaPrompt } from '../identity/mfa.ts'
import { openSession, type KeyLink, type Session, type SessionOptions, startingKeys } from '../identity/session.ts'
import { type SessionPolicy, sessionPolicy } from '../identity/session-policy.ts'
import type { HttpClient } from '../s3/http.ts'
import { publicKeysLimit, sessionAnswerLimit } from '../s3/bounded-body.ts'
import { sdkHttpHandler } from '../s3/sdk-http-handler.ts'
import { arnPartition } from '../trail/region.ts'
import { refuseVerbs } from '../verbs/refuse-verbs.ts'
import type { Reach } from '../verbs/host.ts'
import type { Rights } from '../verbs/rights.ts'
import type { RunListener } from '../work/run-event.ts'

export interface SessionsOptions {
  readonly sessionPolicy: boolean
  readonly mfaCode: string | undefined
  readonly askMfaCode: MfaPrompt | undefined
  readonly maxAttempts: number | undefined
  readonly signal: AbortSignal
}

/** Opens sessions for one command, each narrowed to its verb. All of them share one MFA prompt. */
export class Sessions {
  readonly mfaPrompt: MfaAsker
  readonly #trail: Config['trail']
  readonly #options: SessionsOptions
  readonly #http: HttpClient

  constructor(trail: Config['trail'], options: SessionsOptions, http: HttpClient) {
    this.#trail = trail
    this.#options = options
    this.#http = http
    this.mfaPrompt = mfaAsker({ code: options.mfaCode, prompt: options.askMfaCode })
  }

  /**
   * Throws `access.…`: `access.verb-not-allowed` before any call if the config's `allow` lacks the verb. Throws `interrupted` after the
   * run was stopped. A session that is open is still refreshed then, because objects in progress need it.
   */
  open(account: Account, rights: Rights, logAccounts: Reach, listener: RunListener): Promise<Session> {
    const policy = this.policyOf(account, rights, logAccounts)
    return untilStopped(this.#options.signal, account.label, (signal) =>
      openSession(account, this.#sessionOptions(policy, signal, listener)),
    )
  }

  /** The starting credentials of an account, kept fresh. Sends nothing until keys are needed. Throws `config.unset-variable`. */
  starting(account: Account, listener: RunListener): KeyLink {
    refuseUnusable(account)
    return startingKeys(account, this.#sessionOptions(undefined, this.#options.signal, listener))
  }

  #sessionOptions(policy: SessionPolicy | undefined, signal: AbortSignal, listener: RunListener): SessionOptions {
    return {
      policy,
      mfaPrompt: this.mfaPrompt,
      requestHandler: sdkHttpHandler(this.#http, { limit: sessionAnswerLimit }),
      maxAttempts: this.#options.maxAttempts,
      signal,
      onNote: (note) => listener({ type: 'note', ...note }),
    }
  }

  /** Lists CloudTrail's public keys with the session of an account, else with its starting credentials. Throws what `publicKeysFor` throws. */
  publicKeys(account: Account, session: Session, query: PublicKeysQuery): Promise<PublicKeysAnswer> {
    return publicKeysFor(session, query, {
      stsRegion: account.stsRegion,
      requestHandler: sdkHttpHandler(this.#http, { limit: publicKeysLimit }),
      maxAttempts: this.#options.maxAttempts,
      signal: this.#options.signal,
    })
  }

  /** Returns the session policy; undefined if sessions are not narrowed. Throws `config.unset-variable`, `access.verb-not-allowed`, `access.policy-too-large`. */
  policyOf(account: Account, rights: Rights, logAccounts: Reach): SessionPolicy | undefined {
    refuseUnusable(account)
    refuseVerbs(account, rights)
    if (!this.#options.sessionPolicy) return undefined
    const partition = arnPartition(account.role) ?? 'aws'
    return sessionPolicy({ ...rights, trail: this.#trail, logAccounts, partition })
  }
}

/** Waits for `open` until `stop` is aborted, even if `open` ignores its signal. After `open` has ended, never aborts its signal. */
export function untilStopped<T>(
  stop: AbortSignal,
  account: string,
  open: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const opening = new AbortController()
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => {
      const message = `stopped while opening the session of account ${account}`
      reject(new CrosstrailError('interrupted', message, { facts: { account } }))
      opening.abort(stop.reason)
    }
    if (stop.aborted) return giveUp()
    stop.addEventListener('abort', giveUp, { once: true })
    open(opening.signal)
      .finally(() => stop.removeEventListener('abort', giveUp))
      .then(resolve, reject)
  })
}
