import { CrosstrailError } from '../../error.ts'
import type { MfaAsker } from '../../identity/mfa.ts'
import { type RoleLink, roleChain } from '../../identity/role-chain.ts'
import { openSession, type Session } from '../../identity/session.ts'
import type { SessionPolicy } from '../../identity/session-policy.ts'
import type { SigningKeys } from '../../identity/signing-keys.ts'
import { describeSource } from '../../identity/source-error.ts'
import { getCallerIdentity, type StsOptions } from '../../identity/sts.ts'
import { maskSecret } from '../../secrets/mask-secret.ts'
import { formatInstant } from '../../trail/time.ts'
import { lookAtCaller } from './caller.ts'
import { clockWatch } from './clock-watch.ts'
import { lifeText } from './life-text.ts'
import { wordsFix } from './fix.ts'
import type { StepName } from './step.ts'
import { stsFixes } from './sts-fixes.ts'
import { knownError, type Walk } from './walk.ts'

export interface WayInOptions {
  readonly requestHandler: object
  readonly maxAttempts: number
  readonly mfaPrompt: MfaAsker
  readonly policy: () => SessionPolicy | undefined
}

/** Opens a session of A's role from the config, and reports each step. Returns undefined if a step failed. */
export async function walkIn(walk: Walk, options: WayInOptions): Promise<Session | undefined> {
  const { account } = walk
  if (account.unusable !== undefined) {
    walk.failWith('config', account.unusable, { fixes: [wordsFix('machine', account.unusable.hint ?? '')] })
    return undefined
  }
  const chain = knownChain(walk)
  if (chain === undefined) return undefined
  const links = [...chain.hops, chain.role]
  const clock = clockWatch(options.requestHandler)
  const { maxAttempts } = options
  const stsOptions: StsOptions = {
    region: account.stsRegion,
    requestHandler: clock.handler,
    maxAttempts,
    signal: walk.signal,
  }
  // The number of roles assumed so far. An error belongs to the next one.
  let reached = 0
  let callerArn: string | undefined
  let step = 'role' as StepName
  try {
    const policy = options.policy()
    step = 'credentials'
    return await openSession(account, {
      policy,
      mfaPrompt: options.mfaPrompt,
      requestHandler: clock.handler,
      maxAttempts,
      signal: walk.signal,
      onSource: async (keys) => {
        tellSource(walk, keys)
        step = 'caller'
        callerArn = await tellCaller(walk, keys, stsOptions, () => clock.skewSeconds())
        step = stepOf(links, 0)
      },
      onAssumed: (link, { expiresAtMs, packedPolicySize }) => {
        walk.ok(step, `assumed ${link.role}${howAssumed(link)}, ${lifeText(expiresAtMs, walk.nowMs)}`, {
          role: link.role,
          expiresAt: formatInstant(expiresAtMs),
          durationSeconds: link.durationSeconds,
          externalIdSent: link.externalId !== undefined,
          mfaSent: link.mfaSerial !== undefined,
          packedPolicySize,
        })
        reached += 1
        step = stepOf(links, reached)
      },
    })
  } catch (error) {
    if (error instanceof AlreadyTold) return undefined
    const known = knownError(error)
    const skewed = known.code === 'access.clock-skew'
    const link = links[reached]
    const atRole = step === 'hop' || step === 'role'
    walk.failWith(skewed ? 'clock' : step, known, {
      tried: triedAt(step, walk, link, callerOf(links, reached, callerArn)),
      facts: { ...(atRole && { role: link?.role }), skewSeconds: skewFact(known) },
      fixes: stsFixes(known, { walk, link: atRole ? link : undefined, links, reached, callerArn }),
    })
    return undefined
  }
}

/** Ends the checks: the failed step has already been reported. */
class AlreadyTold extends Error {}

function knownChain(walk: Walk) {
  const { account, trail } = walk
  try {
    const chain = roleChain(account)
    const via = account.via.length === 0 ? '' : ` via ${account.via.map(({ role }) => role).join(', ')}`
    const reads = typeof account.reads === 'string' ? account.reads : account.reads.join(', ')
    walk.ok('config', `${account.id} to ${account.role}${via}; reads ${reads}, allows ${account.allow.join(', ')}`, {
      id: account.id,
      role: account.role,
      bucket: trail.bucket,
      owner: trail.owner,
    })
    return chain
  } catch (error) {
    const known = knownError(error)
    walk.failWith('config', known, {
      tried: `the roles of account ${account.label} in the config`,
      fixes: stsFixes(known, { walk, link: undefined, links: [], reached: 0, callerArn: undefined }),
    })
    return undefined
  }
}

function tellSource(walk: Walk, keys: SigningKeys): void {
  const { expiresAtMs } = keys
  const life = expiresAtMs === undefined ? 'long-lived' : lifeText(expiresAtMs, walk.nowMs)
  const source =
    keys.foundBy === undefined
      ? describeSource(walk.account.credentials)
      : `${keys.foundBy}, by the SDK's default chain`
  walk.ok('credentials', `${source}: key ${maskSecret(keys.accessKeyId)}, ${life}`, {
    source: walk.account.credentials.type,
    foundBy: keys.foundBy,
    accessKey: maskSecret(keys.accessKeyId),
    temporary: keys.sessionToken !== undefined,
    ...(expiresAtMs !== undefined && { expiresAt: formatInstant(expiresAtMs) }),
  })
}

async function tellCaller(
  walk: Walk,
  keys: SigningKeys,
  options: StsOptions,
  skewSeconds: () => number | undefined,
): Promise<string | undefined> {
  const { account } = walk
  const identity = await getCallerIdentity(keys, account.label, options).catch((error: unknown) => {
    // Servers that imitate STS may not have this call. The next call shows whether the keys are valid.
    if (isLacking(error)) return undefined
    throw error
  })
  tellClock(walk, skewSeconds())
  if (identity === undefined) {
    walk.skip('caller', 'not known: this STS server has no GetCallerIdentity')
    return undefined
  }
  if (!lookAtCaller(walk, identity)) throw new AlreadyTold()
  return identity.arn
}

function tellClock(walk: Walk, skewSeconds: number | undefined): void {
  if (skewSeconds === undefined) return walk.skip('clock', 'not known: the answer of STS has no date')
  const facts = { skewSeconds }
  const off = Math.abs(skewSeconds)
  if (off < tolerableSkewSeconds)
    return walk.ok('clock', `within ${off > 1 ? `${off} seconds` : 'a second'} of STS`, facts)
  walk.warn(
    'clock',
    `the clock of this machine is ${off} seconds ${skewSeconds > 0 ? 'ahead of' : 'behind'} STS: AWS refuses requests from 300 seconds on`,
    {
      code: 'access.clock-skew',
      facts,
      fixes: [
        {
          type: 'words',
          side: 'machine',
          does: 'set the clock (chrony, systemd-timesyncd, or the host of a virtual machine)',
        },
      ],
    },
  )
}

const tolerableSkewSeconds = 60

function isLacking(error: unknown): boolean {
  return error instanceof CrosstrailError && [404, 405, 501].includes(Number(error.facts['status']))
}

function skewFact({ facts }: CrosstrailError): number | undefined {
  return typeof facts['skewSeconds'] === 'number' ? facts['skewSeconds'] : undefined
}

function stepOf(links: readonly RoleLink[], at: number): StepName {
  return at < links.length - 1 ? 'hop' : 'role'
}

function callerOf(links: readonly RoleLink[], reached: number, callerArn: string | undefined): string {
  return links[reached - 1]?.role ?? callerArn ?? 'the credentials found'
}

function howAssumed({ externalId, mfaSerial }: RoleLink): string {
  const sent = [
    ...(externalId === undefined ? [] : [`external ID ${maskSecret(externalId)}`]),
    ...(mfaSerial === undefined ? [] : [`MFA of ${mfaSerial}`]),
  ]
  return sent.length === 0 ? '' : ` with ${sent.join(' and ')}`
}

function triedAt(step: StepName, { account }: Walk, link: RoleLink | undefined, caller: string): string {
  if (step === 'credentials') return `keys of ${describeSource(account.credentials)}`
  if (step === 'caller' || link === undefined) return `GetCallerIdentity in ${account.stsRegion}`
  const how = `${howAssumed(link)}${link.externalId === undefined ? ' without an external ID' : ''}`
  return `AssumeRole of ${link.role} by ${caller} for ${link.durationSeconds} seconds${how}, in ${account.stsRegion}`
}
