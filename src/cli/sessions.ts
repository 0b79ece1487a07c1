import type { Account, Config, Verb } from '../config/config.ts'
import { CrosstrailError } from '../error.ts'
import { mfaAsker, type MfaPrompt } from '../identity/mfa.ts'
import { openSession, type Session } from '../identity/session.ts'
import { type PolicyVerb, sessionPolicy, type SessionPolicyRequest } from '../identity/session-policy.ts'
import type { HttpClient } from '../s3/http-client.ts'
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
  list: 'list',
  download: 'download',
  copy: 'copy',
  store: 'copy',
  delete: 'delete',
  undelete: 'delete',
}

/** Opens sessions for one command, each narrowed to its verb. One MFA asker for all of them. */
export class Sessions {
  readonly mfaPrompt: MfaPrompt
  readonly #trail: Config['trail']
  readonly #request: OpenRequest
  readonly #http: HttpClient

  constructor(trail: Config['trail'], request: OpenRequest, http: HttpClient) {
    this.#trail = trail
    this.#request = request
    this.#http = http
    this.mfaPrompt = mfaAsker({ code: request.args.mfaCode, prompt: request.askMfaCode })
  }

  /** Throws `access.…`: `access.verb-not-allowed` before any call, where the config's `allow` lacks the verb. */
  open(
    account: Account,
    scope: SessionScope,
    logAccounts: 'all' | readonly AccountId[],
    listener: RunListener,
  ): Promise<Session> {
    refuseVerb(account, scope.verb)
    const partition = arnPartition(account.role) ?? 'aws'
    const policy = this.#request.args.sessionPolicy
      ? sessionPolicy({ ...scope, trail: this.#trail, logAccounts, partition })
      : undefined
    return openSession(account, {
      policy,
      mfaPrompt: this.mfaPrompt,
      requestHandler: sdkHttpHandler(this.#http),
      onNote: (note) => listener({ type: 'note', ...note }),
    })
  }
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
