import { CrosstrailError, hasCode } from '../error.ts'
import { cleanText } from './clean-text.ts'
import type { MfaAsker, MfaProcess } from './mfa.ts'
import { RefreshedKeys } from './refreshed-keys.ts'
import { type RoleLink, roleChain } from './role-chain.ts'
import type { SessionAccount, SessionSource } from './session-account.ts'
import { type SessionPolicy, hopPolicy } from './session-policy.ts'
import { type SigningKeys, sameKeys } from './signing-keys.ts'
import { sourceExpired } from './source-error.ts'
import { sourceKeys } from './sources.ts'
import { type AssumedKeys, type StsOptions, assumeRole } from './sts.ts'
import { clockHint } from './sts-error.ts'

export interface SessionNote {
  readonly level: 'info' | 'warning'
  readonly code: string
  readonly message: string
  readonly account: string
}

export interface SessionOptions extends Omit<StsOptions, 'region'> {
  /** The session policy. If it is undefined, neither the session nor its hops are narrowed. */
  readonly policy: SessionPolicy | undefined
  readonly mfaPrompt: MfaAsker
  readonly onNote?: ((note: SessionNote) => void) | undefined
  /** Receives the source's keys before a role is assumed with them. An error that it throws ends the opening. */
  readonly onSource?: ((keys: SigningKeys) => Promise<void>) | undefined
  /** Called for each role when it is assumed: the hops in their order, then Account A's role. */
  readonly onAssumed?: ((link: RoleLink, keys: AssumedKeys) => void) | undefined
  readonly now?: (() => number) | undefined
}

/** Temporary credentials for one account's role. All workers of a run share it. It is refreshed before it expires. */
export interface Session {
  readonly account: string
  readonly assumedRoleArn: string
  current(): Promise<SigningKeys> | SigningKeys
  /** Returns new keys after the service refused `refused`, or the current keys if they differ already. */
  renew(refused: SigningKeys): Promise<SigningKeys>
  /** Returns the credentials that the account starts with, before any role. */
  starting(): Promise<SigningKeys> | SigningKeys
}

/** The session of an EKS pod has tags, which STS passes on to every role. These sources may give such a session. */
function mayCarryTags({ credentials }: SessionAccount): boolean {
  return ['ecs', 'chain', 'profile'].includes(credentials.type)
}

/**
 * Opens the session of an account: its source, its hops, Account A's role. Each of them holds its own keys and refreshes them only when
 * they expire, so that a run of many hours asks for MFA as rarely as possible.
 * Throws `access.…` and `network.…` errors, each with a hint.
 */
export async function openSession(account: SessionAccount, options: SessionOptions): Promise<Session> {
  const { hops, role } = roleChain(account)
  const carriesIdentity = account.sourceIdentity !== undefined
  const narrowTo = (next: RoleLink) =>
    options.policy === undefined
      ? undefined
      : { json: hopPolicy(next, carriesIdentity, mayCarryTags(account)), coarse: false }
  const linkOptions = {
    ...options,
    region: account.stsRegion,
    mfaProcess: mfaProcessOf(account, options),
    source: account.credentials,
  }
  const first = hops[0] ?? role
  const sourcePolicy =
    options.policy && hopPolicy(first, carriesIdentity, mayCarryTags(account), options.policy.starting)
  const loadSource = sourceLoader(account, sourcePolicy, options)
  const loadHeard = async () => {
    const keys = await loadSource()
    await options.onSource?.(keys)
    return keys
  }
  const source = new RefreshedKeys(loadHeard, {
    now: options.now,
    onFailure: refreshNoter(account.label, options),
  })
  let caller: KeyLink = source
  for (const [index, hop] of hops.entries()) {
    caller = assumedLink(caller, hop, narrowTo(hops[index + 1] ?? role), linkOptions)
  }
  const keys = assumedLink(caller, role, options.policy, linkOptions)
  const { assumedRoleArn } = await keys.current()
  return {
    account: account.label,
    assumedRoleArn,
    current: () => keys.current(),
    renew: (refused) => keys.renew(refused),
    starting: () => source.current(),
  }
}

/** Keeps the starting credentials of an account fresh, without a role. Sends nothing until keys are needed; then throws as `openSession` does before its first role. */
export function startingKeys(account: SessionAccount, options: SessionOptions): KeyLink {
  return new RefreshedKeys(sourceLoader(account, undefined, options), {
    now: options.now,
    onFailure: refreshNoter(account.label, options),
  })
}

/** Keys of one link of a chain. */
export interface KeyLink {
  current(): Promise<SigningKeys> | SigningKeys
  renew(refused: SigningKeys): Promise<SigningKeys>
}

function sourceLoader(
  account: SessionAccount,
  policy: string | undefined,
  options: SessionOptions,
): () => Promise<SigningKeys> {
  return sourceKeys(account.credentials, {
    ...options,
    account: account.label,
    region: account.stsRegion,
    sessionName: account.sessionName,
    policy,
    mfaCode: (serial) => options.mfaPrompt(serial, account.label, mfaProcessOf(account, options)),
    onWarning: (message) =>
      options.onNote?.({ level: 'warning', code: 'credentials', message: cleanText(message), account: account.label }),
  })
}

function mfaProcessOf({ mfaProcess }: SessionAccount, { signal }: SessionOptions): MfaProcess {
  return { command: mfaProcess, signal }
}

interface LinkOptions extends SessionOptions, StsOptions {
  readonly mfaProcess: MfaProcess
  readonly source: SessionSource
}

function assumedLink(
  caller: KeyLink,
  link: RoleLink,
  policy: SessionPolicy | undefined,
  options: LinkOptions,
): RefreshedKeys<AssumedKeys> {
  const assume = assumeNarrowed(link, policy, options)
  const now = options.now ?? Date.now
  const load = async () => {
    const callerKeys = await caller.current()
    const keys = await assume(callerKeys).catch(async (error: unknown) => {
      const expired = hasCode(error, 'access.source-expired')
      // If keys were rotated, their source now has keys with another ID.
      if (!expired && !hasCode(error, 'access.invalid-key')) throw error
      const renewed = await caller.renew(callerKeys)
      if (!sameKeys(renewed, callerKeys)) return assume(renewed)
      throw expired ? sourceExpired(options.source, link.account) : error
    })
    if (keys.expiresAtMs <= now()) throw bornExpired(link, keys, now())
    options.onAssumed?.(link, keys)
    return keys
  }
  return new RefreshedKeys(load, { now, onFailure: refreshNoter(link.account, options) })
}

/** The run continues with the old keys. A user who learns of this only when they expire has no time left to act. */
function refreshNoter(account: string, { onNote }: SessionOptions): (error: unknown) => void {
  return (error) =>
    onNote?.({
      level: 'warning',
      code: 'session-refresh-failed',
      message: `the session could not be refreshed; crosstrail retries until it expires: ${cleanText(error instanceof Error ? error.message : 'no reason given')}`,
      account,
    })
}

/** Calls AssumeRole with the session policy. Once STS finds it too large, uses the coarser one from then on. */
function assumeNarrowed(
  link: RoleLink,
  policy: SessionPolicy | undefined,
  options: LinkOptions,
): (keys: SigningKeys) => Promise<AssumedKeys> {
  let json = policy?.json
  let coarser = policy?.coarser
  if (policy?.coarse === true) noteCoarser(link, options)
  const assume = async (keys: SigningKeys): Promise<AssumedKeys> => {
    const mfaCode =
      link.mfaSerial === undefined
        ? undefined
        : await options.mfaPrompt(link.mfaSerial, link.account, options.mfaProcess)
    return assumeRole(keys, link, { policy: json, mfaCode }, options)
  }
  return async (keys) => {
    try {
      return await assume(keys)
    } catch (error) {
      if (coarser === undefined || !hasCode(error, 'access.policy-too-large')) throw error
      json = coarser
      coarser = undefined
      noteCoarser(link, options)
      return assume(keys)
    }
  }
}

function noteCoarser(link: RoleLink, options: SessionOptions): void {
  options.onNote?.({
    level: 'info',
    code: 'session-policy-coarser',
    message: `the session policy of account ${link.account} allows the whole trail, because naming its log accounts would not fit`,
    account: link.account,
  })
}

function bornExpired(link: RoleLink, keys: AssumedKeys, nowMs: number): CrosstrailError {
  const skewSeconds = Math.round((nowMs - keys.expiresAtMs) / 1000) + link.durationSeconds
  const message = `the clock of this machine is off by about ${skewSeconds} seconds: the session of account ${link.account} had expired when it was issued`
  return new CrosstrailError('access.clock-skew', message, {
    hint: clockHint,
    facts: { skewSeconds, account: link.account, role: link.role },
  })
}
