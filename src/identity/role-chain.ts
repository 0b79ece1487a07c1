import { CrosstrailError } from '../error.ts'
import type { SessionAccount, SessionHop } from './session-account.ts'

/** STS: DurationSeconds of AssumeRole when it is not given, and the most it allows a role that another role assumes. */
const defaultDurationSeconds = 3_600
const chainedDurationSeconds = 3_600

/** One AssumeRole on the way to Account A's role, ready to be called with the keys of the one before it. */
export interface RoleLink {
  readonly account: string
  readonly role: string
  readonly sessionName: string
  readonly durationSeconds: number
  readonly externalId?: string | undefined
  /** The device whose code goes with the call. */
  readonly mfaSerial?: string | undefined
  readonly sourceIdentity?: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

export interface RoleChain {
  /** The roles on the way, in the order they are assumed. */
  readonly hops: readonly RoleLink[]
  /** Account A's role, assumed with the keys of the last hop. */
  readonly role: RoleLink
}

/**
 * The roles of an account: the hops of `via`, then Account A's role.
 * MFA and the source identity go with the first call (STS carries a source identity on by itself), session tags with the last.
 * Throws `access.duration-chained` before any call, where a role that is assumed by a role asks for more than an hour.
 */
export function roleChain(account: SessionAccount): RoleChain {
  const direct = account.via.length === 0
  return {
    hops: account.via.map((hop, index) => roleLink(account, hop, index === 0)),
    role: { ...roleLink(account, account, direct), tags: account.tags },
  }
}

function roleLink(account: SessionAccount, hop: SessionHop, first: boolean): RoleLink {
  const chained = !first || sourceIsRole(account)
  const durationSeconds = hop.durationSeconds ?? defaultDurationSeconds
  if (chained && durationSeconds > chainedDurationSeconds) {
    throw durationChained(account.label, hop.role, durationSeconds)
  }
  return {
    account: account.label,
    role: hop.role,
    sessionName: hop.sessionName ?? account.sessionName,
    durationSeconds,
    externalId: hop.externalId,
    mfaSerial: first ? account.mfa : undefined,
    sourceIdentity: first ? account.sourceIdentity : undefined,
    tags: {},
  }
}

/** Sources that always give a role's session. A profile, the environment or a process may give either: STS then has the word. */
function sourceIsRole(account: SessionAccount): boolean {
  return ['ec2', 'ecs', 'sso', 'webIdentity'].includes(account.credentials.type)
}

export function durationChained(
  account: string,
  role: string,
  durationSeconds: number,
  cause?: unknown,
): CrosstrailError {
  const message = `account ${account} asks for ${durationSeconds} seconds of ${role}, and a role assumed by another role lasts an hour at most`
  return new CrosstrailError('access.duration-chained', message, {
    hint: 'set the duration to 1h or leave it out; the session is refreshed for as long as the run takes',
    facts: { account, role, durationSeconds },
    cause,
  })
}
