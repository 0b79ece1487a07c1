import type { STSClient } from '@aws-sdk/client-sts'

import { CrosstrailError } from '../error.ts'
import { rememberWord } from '../secrets/masked-text.ts'
import { rememberedCode, rememberedKeys, type SigningKeys } from './signing-keys.ts'
import type { RoleLink } from './role-chain.ts'
import { type SdkOptions, sdkClientConfig, sendOptions, withSdkClient } from './sdk-client.ts'
import type { StsCall } from './sts-call.ts'
import { explainStsError } from './sts-error.ts'

export type StsOptions = SdkOptions

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
  return withSdkClient(new STSClient(sdkClientConfig(keys, options)), options, ask, (error, host) =>
    explainStsError(error, { ...call, host, region: options.region, aborted: options.signal?.aborted }),
  )
}

function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] | undefined {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  return list.length === 0 ? undefined : list
}

function answeredNothing(call: StsCall): CrosstrailError {
  const message = `the answer of STS to ${call.action} for account ${call.account} lacks required fields`
  return new CrosstrailError('access.sts-failed', message, {
    hint: 'check what runs at the STS endpoint: it may be a proxy or an emulator',
    facts: { account: call.account, role: call.role },
  })
}
