import { CrosstrailError } from '../error.ts'
import { type ListedPublicKey, listPublicKeys, type PublicKeysQuery } from './cloudtrail.ts'
import { withKeysHint } from './cloudtrail-error.ts'
import type { SdkOptions } from './sdk-client.ts'
import type { Session } from './session.ts'
import { type SigningKeys, sameKeys } from './signing-keys.ts'
import { getCallerIdentity } from './sts.ts'

/** The public keys of a region, and who asked CloudTrail for them. */
export interface PublicKeysAnswer {
  readonly keys: readonly ListedPublicKey[]
  /** An ARN. */
  readonly askedBy: string
}

export interface PublicKeysOptions extends Omit<SdkOptions, 'region'> {
  /** The region whose STS says who the starting credentials belong to. */
  readonly stsRegion: string
}

/**
 * Lists CloudTrail's public keys with an account's session, or if that is refused, with its starting credentials: the keys are the same for
 * every account. Throws `access.list-public-keys-denied` if neither may, `access.region-not-enabled`, `network.…`, and what
 * `listPublicKeys` throws.
 */
export async function publicKeysFor(
  session: Session,
  query: PublicKeysQuery,
  options: PublicKeysOptions,
): Promise<PublicKeysAnswer> {
  const { account, assumedRoleArn } = session
  const ask = (keys: SigningKeys, caller: string) => listPublicKeys(keys, query, { account, caller }, options)
  const first = await asSession(session, (keys) => ask(keys, assumedRoleArn)).catch(onlyRefused)
  if (!(first instanceof CrosstrailError)) return { keys: first, askedBy: assumedRoleArn }
  const starting = await session.starting()
  const second = await ask(starting, `the starting credentials of account ${account}`).catch(onlyRefused)
  if (second instanceof CrosstrailError) throw refusedBoth(session, query, first, second)
  const { arn } = await getCallerIdentity(starting, account, { ...options, region: options.stsRegion })
  return { keys: second, askedBy: arn }
}

/** The session may have been revoked, or have expired sooner than it said. */
async function asSession<T>(session: Session, ask: (keys: SigningKeys) => Promise<T>): Promise<T> {
  const keys = await session.current()
  try {
    return await ask(keys)
  } catch (error) {
    if (!(error instanceof CrosstrailError) || error.code !== 'access.session-expired') throw error
    const renewed = await session.renew(keys)
    if (sameKeys(renewed, keys)) throw error
    return ask(renewed)
  }
}

/** Returns a refusal, for which other credentials may help. Throws every other error. */
function onlyRefused(error: unknown): CrosstrailError {
  const isRefused =
    error instanceof CrosstrailError &&
    (error.code === 'access.list-public-keys-denied' || error.code === 'access.region-not-enabled')
  if (!isRefused) throw error
  return error
}

function refusedBoth(
  { account, assumedRoleArn }: Session,
  { region }: PublicKeysQuery,
  first: CrosstrailError,
  second: CrosstrailError,
): CrosstrailError {
  const isDenied = [first, second].some(({ code }) => code === 'access.list-public-keys-denied')
  // A right can be added more easily than a region, so a denial comes first.
  const code = isDenied ? 'access.list-public-keys-denied' : 'access.region-not-enabled'
  const hint = isDenied
    ? `allow cloudtrail:ListPublicKeys on * to the role of ${assumedRoleArn} or to the starting credentials of account ${account}; ${withKeysHint}`
    : first.hint
  return new CrosstrailError(code, `${first.message}; ${second.message}`, {
    hint,
    facts: { ...first.facts, account, region },
    cause: second,
  })
}
