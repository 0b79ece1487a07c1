import { AssumeRoleCommand, STSClient, type Credentials } from '@aws-sdk/client-sts'
import type { UserKeys } from './iam-call.ts'
import type { RgwAccounts, RoleHolder } from './rgw-accounts.ts'

export interface AssumedKeys extends UserKeys {
  readonly sessionToken: string
}

/** Returns the keys of a session in A, opened with the SDK only. `Policy` and `DurationSeconds` are for the last hop. */
export async function assumedKeys(
  { endpoint, region }: RgwAccounts,
  { caller, via, role }: RoleHolder,
  request: { readonly Policy?: string; readonly DurationSeconds?: number } = {},
): Promise<AssumedKeys> {
  const assume = async (credentials: UserKeys, arn: string, more: object) => {
    const sts = new STSClient({ endpoint, region, credentials, maxAttempts: 1 })
    const answer = await sts.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'crosstrail', ...more }))
    return sessionKeys(answer.Credentials)
  }
  let keys = caller
  for (const hop of via) keys = await assume(keys, hop, {})
  return assume(keys, role, request)
}

function sessionKeys({ AccessKeyId, SecretAccessKey, SessionToken }: Partial<Credentials> = {}): AssumedKeys {
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
    throw new Error('AssumeRole answered without credentials')
  }
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}
