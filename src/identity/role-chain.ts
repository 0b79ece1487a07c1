import { CrosstrailError } from '../error.ts'
import type { SessionAccount, SessionHop } from './session-account.ts'

/** STS: the default DurationSeconds of AssumeRole, and its maximum for a role that another role assumes. */
const defaultDurationSeconds = 3_600
const chainedDurationSeconds = 3_600

/** One AssumeRole of the chain that ends at Account A's role. It is called with the keys of the previous one. */
export interface RoleLink {
  readonly account: string
  readonly role: string
  readonly sessionName: string
  readonly durationSeconds: number
  readonly externalId?: string | undefined
  /** The device whose code the call carries. */
  readonly mfaSerial?: string | undefined
  readonly sourceIdentity?: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

export interface RoleChain {
  /** The intermediate roles, in the order in which they are assumed. */
  readonly hops: readonly RoleLink[]
  /** Account A's role, assumed with the keys of the last hop. */
  readonly role: RoleLink
}

/**
 * Returns the roles of an account: the hops of `via`, then Account A's role.
 * MFA and the source identity go with the first call, since STS passes a source identity on by itself. Session tags go with the last call.
 * Throws `access.duration-chained` before any call, if a role that is assumed by a role asks for more than an hour.
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

/** These sources always give a role's session. A profile, the environment or a process may give one or not: then STS decides. */
function sourceIsRole(account: SessionAccount): boolean {
  return ['ec2', 'ecs', 'sso', 'webIdentity'].includes(account.credentials.type)
}

export function durationChained(
  account: string,
  role: string,
  durationSeconds: number,
  cause?: unknown,
): CrosstrailError {
  const message = `account ${account} asks for ${durationSeconds} seconds of ${role}, but a role assumed by another role lasts at most an hour`
  return new CrosstrailError('access.duration-chained', message, {
    hint: 'set the duration to 1h or leave it out; the session is refreshed for as long as the run takes',
    facts: { account, role, durationSeconds },
    cause,
  })
}
