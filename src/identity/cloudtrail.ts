import type { CloudTrailClient, PublicKey } from '@aws-sdk/client-cloudtrail'
import { CrosstrailError } from '../error.ts'
import { hourMs } from '../trail/calendar.ts'
import { explainCloudTrailError, type PublicKeysCall } from './cloudtrail-error.ts'
import { type SdkOptions, sdkClientConfig, sendOptions, withSdkClient } from './sdk-client.ts'
import { rememberedKeys, type SigningKeys } from './signing-keys.ts'

/** A public key of CloudTrail, as it answered. */
export interface ListedPublicKey {
  readonly region: string
  /** The name that CloudTrail gives it, in lowercase hexadecimal: the MD5 of `der`. It is not compared with `der` here. */
  readonly fingerprint: string
  readonly validFromMs: number
  readonly validUntilMs: number
  readonly der: Buffer
}

export interface PublicKeysQuery {
  /** The region of the digests. Each region has its own keys. */
  readonly region: string
  /** The first and the last instant at which something was signed. */
  readonly fromMs: number
  readonly toMs: number
}

/** A digest is signed after its period, up to two hours later. */
const marginMs = 2 * hourMs
/** AWS replaces a key about once a month, so a thousand pages of keys are more than there can be. */
const mostPages = 1_000

/**
 * Calls ListPublicKeys for the window and two hours before and after it, and returns the keys of all pages. Only the SDK retries it.
 * `caller` names who calls, for messages. Throws the errors of `explainCloudTrailError`.
 */
export async function listPublicKeys(
  keys: SigningKeys,
  query: PublicKeysQuery,
  { account, caller }: { readonly account: string; readonly caller: string },
  options: Omit<SdkOptions, 'region'>,
): Promise<readonly ListedPublicKey[]> {
  rememberedKeys(keys)
  const { region } = query
  const call = { action: 'ListPublicKeys', account, caller, region } as const
  const { CloudTrailClient: Client } = await import('@aws-sdk/client-cloudtrail')
  const client = new Client(sdkClientConfig(keys, { ...options, region }))
  return withSdkClient(
    client,
    { ...options, region },
    (open) => allPages(open, query, call, options),
    (error, host) => explainCloudTrailError(error, { ...call, host, aborted: options.signal?.aborted }),
  )
}

async function allPages(
  client: CloudTrailClient,
  { fromMs, toMs }: PublicKeysQuery,
  call: PublicKeysCall,
  options: Omit<SdkOptions, 'region'>,
): Promise<readonly ListedPublicKey[]> {
  const { ListPublicKeysCommand } = await import('@aws-sdk/client-cloudtrail')
  const StartTime = new Date(fromMs - marginMs)
  const EndTime = new Date(toMs + marginMs)
  const found = new Map<string, ListedPublicKey>()
  let NextToken: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const answer = await client.send(
      new ListPublicKeysCommand({ StartTime, EndTime, ...(NextToken !== undefined && { NextToken }) }),
      sendOptions(options),
    )
    for (const key of answer.PublicKeyList ?? []) {
      const listed = listedKey(key, call)
      found.set(`${listed.fingerprint} ${listed.validFromMs} ${listed.validUntilMs}`, listed)
    }
    if (answer.NextToken === undefined) return [...found.values()]
    if (answer.NextToken === NextToken) throw wrongAnswer(call, 'it repeats the token of its page')
    NextToken = answer.NextToken
  }
  throw wrongAnswer(call, `it has more than ${mostPages} pages`)
}

function listedKey({ Value, Fingerprint, ValidityStartTime, ValidityEndTime }: PublicKey, call: PublicKeysCall) {
  if (!Value || !Fingerprint || !ValidityStartTime || !ValidityEndTime) {
    throw wrongAnswer(call, 'a key lacks its value, its fingerprint or the time in which it is valid')
  }
  return {
    region: call.region,
    fingerprint: Fingerprint.toLowerCase(),
    validFromMs: ValidityStartTime.getTime(),
    validUntilMs: ValidityEndTime.getTime(),
    der: Buffer.from(Value),
  }
}

function wrongAnswer({ account, region }: PublicKeysCall, why: string): CrosstrailError {
  const message = `the answer of CloudTrail in ${region} to ListPublicKeys for account ${account} is wrong: ${why}`
  return new CrosstrailError('access.list-public-keys-failed', message, {
    hint: 'check what runs at the CloudTrail endpoint: it may be a proxy or an emulator',
    facts: { account, region },
  })
}
