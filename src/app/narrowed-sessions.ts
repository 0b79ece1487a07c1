import type { Account, Config, Verb } from '../config/config.ts'
import { refuseUnusable } from '../config/unset-variable.ts'
import { CrosstrailError } from '../error.ts'
import { mfaAsker, type MfaAsker } from '../identity/mfa.ts'
import { openSession, type Session } from '../identity/session.ts'
import {
  type PolicyVerb,
  type SessionPolicy,
  sessionPolicy,
  type SessionPolicyRequest,
} from '../identity/session-policy.ts'
import type { HttpClient } from '../s3/http.ts'
import { sessionAnswerLimit } from '../s3/bounded-body.ts'
import { sdkHttpHandler } from '../s3/sdk-http-handler.ts'
import type { AccountId } from '../trail/account-id.ts'
import { arnPartition } from '../trail/region.ts'
import type { Assignment } from '../work/assignment.ts'
import type { RunListener } from '../work/run-event.ts'
import type { OpenRequest } from './services.ts'

/** What a session is narrowed to, besides the log accounts. */
export type SessionScope = Omit<SessionPolicyRequest, 'trail' | 'logAccounts' | 'partition'>

/** What the config's `allow` must have for each. */
const allowedBy: Readonly<Record<PolicyVerb, Verb>> = {
  buckets: 'list',
  list: 'list',
  download: 'download',
  copy: 'copy',
  store: 'copy',
  delete: 'delete',
  undelete: 'delete',
  doctor: 'list',
}

/** Opens sessions for one command, each narrowed to its verb. One MFA asker for all of them. */
export class Sessions {
  readonly mfaPrompt: MfaAsker
  readonly #trail: Config['trail']
  readonly #request: OpenRequest
  readonly #http: HttpClient

  constructor(trail: Config['trail'], request: OpenRequest, http: HttpClient) {
    this.#trail = trail
    this.#request = request
    this.#http = http
    this.mfaPrompt = mfaAsker({ code: request.args.mfaCode, prompt: request.askMfaCode })
  }

  /**
   * Throws `access.…`: `access.verb-not-allowed` before any call, where the config's `allow` lacks the verb; `interrupted` once the run
   * is to stop. A session that stands is refreshed then too: what is in flight is finished with it.
   */
  open(
    account: Account,
    scope: SessionScope,
    logAccounts: 'all' | readonly AccountId[],
    listener: RunListener,
  ): Promise<Session> {
    const policy = this.policyOf(account, scope, logAccounts)
    return untilStopped(this.#request.signal, account.label, (signal) =>
      openSession(account, {
        policy,
        mfaPrompt: this.mfaPrompt,
        requestHandler: sdkHttpHandler(this.#http, { limit: sessionAnswerLimit }),
        maxAttempts: this.#request.args.connection.maxAttempts,
        signal,
        onNote: (note) => listener({ type: 'note', ...note }),
      }),
    )
  }

  /** The policy that a session is narrowed to; undefined if it is not narrowed. Throws `config.unset-variable`, `access.verb-not-allowed`, `access.policy-too-large`. */
  policyOf(
    account: Account,
    scope: SessionScope,
    logAccounts: 'all' | readonly AccountId[],
  ): SessionPolicy | undefined {
    refuseUnusable(account)
    for (const verb of [scope.verb, ...(scope.also ?? [])]) refuseVerb(account, verb)
    if (!this.#request.args.sessionPolicy) return undefined
    const partition = arnPartition(account.role) ?? 'aws'
    return sessionPolicy({ ...scope, trail: this.#trail, logAccounts, partition })
  }
}

/** Waits for `open` until `stop` is aborted, also where it waits for what hears no signal. The signal it is given is never aborted later. */
function untilStopped<T>(stop: AbortSignal, account: string, open: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const opening = new AbortController()
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => {
      const message = `stopped while the session of account ${account} was opened`
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

/** The log accounts a session must reach for what an account was assigned. */
export function sessionReach(assignment: Assignment): 'all' | readonly AccountId[] {
  return 'logAccounts' in assignment ? assignment.logAccounts : 'all'
}

/** Throws `access.verb-not-allowed`. */
export function refuseVerb(account: Account, policyVerb: PolicyVerb): void {
  const verb = allowedBy[policyVerb]
  if (account.allow.includes(verb)) return
  throw new CrosstrailError('access.verb-not-allowed', `account ${account.label} does not allow ${verb}`, {
    hint: `add ${verb} to accounts.${account.label}.allow, or name other accounts`,
    facts: { account: account.label, verb },
  })
}
