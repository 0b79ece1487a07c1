import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts'

import { CrosstrailError } from '../error.ts'
import { rememberWord } from '../secrets/masked-text.ts'
import { rememberedCode, rememberedKeys, type SigningKeys } from './signing-keys.ts'
import type { RoleLink } from './role-chain.ts'
import type { StsCall } from './sts-call.ts'
import { explainStsError } from './sts-error.ts'

const mostAttempts = 5
const connectTimeoutMs = 5_000
const answerTimeoutMs = 20_000

export interface StsOptions {
  /** The region of the endpoint. The SDK's own rules choose the endpoint, including `AWS_ENDPOINT_URL_STS` and `AWS_ENDPOINT_URL`. */
  readonly region: string
  readonly endpoint?: string | undefined
  readonly useFipsEndpoint?: boolean | undefined
  readonly useDualstackEndpoint?: boolean | undefined
  /** A smithy `HttpHandler` for proxies and certificate authorities. It belongs to the caller and is never destroyed here. */
  readonly requestHandler?: unknown
  readonly signal?: AbortSignal | undefined
  /** How often a call is attempted if it fails temporarily. At most five times. */
  readonly maxAttempts?: number | undefined
}

export interface AssumedKeys extends SigningKeys {
  readonly sessionToken: string
  readonly expiresAtMs: number
  /** `arn:aws:sts::111111111111:assumed-role/NAME/SESSION` */
  readonly assumedRoleArn: string
  /** How much of the space for policy and tags is used, in per cent. */
  readonly packedPolicySize?: number | undefined
}

export interface CallerIdentity {
  readonly account: string
  readonly arn: string
  readonly userId: string
}

/**
 * Calls AssumeRole with `keys`. Only the SDK retries it.
 * `policy` is the session policy as JSON; `mfaCode` is a code of the link's device. Throws the errors of `explainStsError`.
 */
export async function assumeRole(
  keys: SigningKeys,
  link: RoleLink,
  given: { readonly policy?: string | undefined; readonly mfaCode?: string | undefined },
  options: StsOptions,
): Promise<AssumedKeys> {
  const call: StsCall = { action: 'AssumeRole', ...link }
  // The answer may repeat what it was sent.
  rememberWord(link.externalId)
  if (given.mfaCode !== undefined) rememberedCode(given.mfaCode)
  return withClient(keys, options, call, async (client) => {
    const { AssumeRoleCommand } = await import('@aws-sdk/client-sts')
    const answer = await client.send(
      new AssumeRoleCommand({
        RoleArn: link.role,
        RoleSessionName: link.sessionName,
        DurationSeconds: link.durationSeconds,
        ExternalId: link.externalId,
        SourceIdentity: link.sourceIdentity,
        Tags: tagList(link.tags),
        Policy: given.policy,
        SerialNumber: given.mfaCode === undefined ? undefined : link.mfaSerial,
        TokenCode: given.mfaCode,
      }),
      sendOptions(options),
    )
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {}
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw answeredNothing(call)
    return rememberedKeys({
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiresAtMs: Expiration.getTime(),
      assumedRoleArn: answer.AssumedRoleUser?.Arn ?? '',
      packedPolicySize: answer.PackedPolicySize,
    })
  })
}

/** Returns who the keys belong to. Needs no permission. `account` is the label for error messages. */
export async function getCallerIdentity(
  keys: SigningKeys,
  account: string,
  options: StsOptions,
): Promise<CallerIdentity> {
  const call: StsCall = { action: 'GetCallerIdentity', account }
  return withClient(keys, options, call, async (client) => {
    const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts')
    const { Account, Arn, UserId } = await client.send(new GetCallerIdentityCommand({}), sendOptions(options))
    if (!Account || !Arn) throw answeredNothing(call)
    return { account: Account, arn: Arn, userId: UserId ?? '' }
  })
}

async function withClient<Answer>(
  keys: SigningKeys,
  options: StsOptions,
  call: StsCall,
  ask: (client: STSClient) => Promise<Answer>,
): Promise<Answer> {
  rememberedKeys(keys)
  const { STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient(clientConfig(keys, options))
  const host = watchHost(client)
  try {
    return await ask(client)
  } catch (error) {
    throw explainStsError(error, { ...call, host: host(), region: options.region, aborted: options.signal?.aborted })
  } finally {
    // Destroying a client also destroys its handler, and an injected handler is shared.
    if (options.requestHandler === undefined) client.destroy()
  }
}

function clientConfig(keys: SigningKeys, options: StsOptions): STSClientConfig {
  const {
    region,
    endpoint,
    useFipsEndpoint,
    useDualstackEndpoint,
    requestHandler,
    maxAttempts = mostAttempts,
  } = options
  return {
    region,
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      ...(keys.sessionToken !== undefined && { sessionToken: keys.sessionToken }),
    },
    maxAttempts: Math.min(mostAttempts, maxAttempts),
    // The SDK would sign with the server's time and continue, and S3 would then refuse every call. Report a wrong clock at once.
    disableClockSkewCorrection: true,
    requestHandler: (requestHandler ?? {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: answerTimeoutMs,
      throwOnRequestTimeout: true,
    }) as NonNullable<STSClientConfig['requestHandler']>,
    ...(endpoint !== undefined && { endpoint }),
    ...(useFipsEndpoint !== undefined && { useFipsEndpoint }),
    ...(useDualstackEndpoint !== undefined && { useDualstackEndpoint }),
  }
}

/** Records the host that was called, for an error without an answer. */
function watchHost(client: STSClient): () => string | undefined {
  let host: string | undefined
  client.middlewareStack.add(
    (next) => (args) => {
      const { hostname, port } = args.request as { hostname?: string; port?: number }
      host = port === undefined ? hostname : `${hostname}:${port}`
      return next(args)
    },
    { step: 'finalizeRequest', name: 'watchHost' },
  )
  return () => host
}

function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] | undefined {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  return list.length === 0 ? undefined : list
}

function sendOptions(options: StsOptions): { abortSignal?: AbortSignal } {
  return options.signal === undefined ? {} : { abortSignal: options.signal }
}

function answeredNothing(call: StsCall): CrosstrailError {
  const message = `the answer of STS to ${call.action} for account ${call.account} lacks required fields`
  return new CrosstrailError('access.sts-failed', message, {
    hint: 'check what runs at the STS endpoint: it may be a proxy or an emulator',
    facts: { account: call.account, role: call.role },
  })
}
