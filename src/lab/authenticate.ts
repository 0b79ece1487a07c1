import { createHash } from 'node:crypto'
import type { AccountId } from '../trail/account-id.ts'
import type { Iam, LabUser } from './iam.ts'
import { headerOf, type LabRequest } from './request.ts'
import type { LabSession, Sessions } from './issued-sessions.ts'
import { parseAuthorization, signatureHolds, type Authorization } from './check-signature.ts'

export type LabService = 's3' | 'sts' | 'cloudtrail' | 'sqs'

/** The sender of a request: a user, a session of a role, or, with neither, an account's root. */
export interface Caller {
  readonly arn: string
  readonly account: AccountId
  readonly user?: LabUser | undefined
  readonly session?: LabSession | undefined
}

/** Why a request is not authenticated. Each service has its own message for it. */
export type Refusal =
  | { readonly why: 'unsigned' | 'unknown-key' | 'bad-token' | 'expired' | 'bad-signature' }
  | { readonly why: 'unsigned-headers'; readonly headers: readonly string[] }
  | { readonly why: 'skewed'; readonly signedAtMs: number; readonly nowMs: number }
  | { readonly why: 'no-body-hash' | 'wrong-body-hash' }

export const maxSkewMs = 15 * 60_000

/** Returns the caller, or why it is refused. Checks the key, the token, the clock, the signed headers, the signature and the body's hash. */
export async function authenticate(
  request: LabRequest,
  service: LabService,
  keyring: { iam: Iam; sessions: Sessions; nowMs: number },
): Promise<Caller | Refusal> {
  const authorization = parseAuthorization(headerOf(request, 'authorization') ?? '')
  if (authorization === undefined) return { why: 'unsigned' }
  const found = findKey(authorization.accessKeyId, headerOf(request, 'x-amz-security-token'), keyring)
  if ('why' in found) return found

  const signedAtMs = parseAmzDate(headerOf(request, 'x-amz-date') ?? '')
  if (signedAtMs === undefined || service !== authorization.service) return { why: 'bad-signature' }
  const { nowMs } = keyring
  if (Math.abs(nowMs - signedAtMs) > maxSkewMs) return { why: 'skewed', signedAtMs, nowMs }

  const unsigned = unsignedHeaders(request, authorization)
  if (unsigned.length > 0) return { why: 'unsigned-headers', headers: unsigned }
  const datesAgree = headerOf(request, 'x-amz-date')?.startsWith(authorization.date) === true
  if (!datesAgree || !(await signatureHolds(request, authorization, signedAtMs, found.secretAccessKey))) {
    return { why: 'bad-signature' }
  }
  return bodyRefusal(request, service) ?? found.caller
}

function findKey(
  accessKeyId: string,
  token: string | undefined,
  { iam, sessions, nowMs }: { iam: Iam; sessions: Sessions; nowMs: number },
): { caller: Caller; secretAccessKey: string } | Refusal {
  const longLived = iam.longLivedKey(accessKeyId)
  if (longLived !== undefined) {
    if (token !== undefined) return { why: 'bad-token' }
    const { keys, user } = longLived
    return { caller: { arn: keys.arn, account: keys.account, user }, secretAccessKey: keys.secretAccessKey }
  }
  const session = sessions.find(accessKeyId)
  if (session === undefined || token === undefined) return { why: 'unknown-key' }
  if (token !== session.sessionToken) return { why: 'bad-token' }
  if (nowMs >= session.expiresAtMs) return { why: 'expired' }
  const caller = { arn: session.arn, account: session.role.account, session }
  return { caller, secretAccessKey: session.secretAccessKey }
}

function unsignedHeaders(request: LabRequest, { signedHeaders }: Authorization): string[] {
  const needed = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'))
  return needed.filter((name) => !signedHeaders.includes(name))
}

function bodyRefusal(request: LabRequest, service: LabService): Refusal | undefined {
  const claimed = headerOf(request, 'x-amz-content-sha256')
  if (claimed === undefined) return service === 's3' ? { why: 'no-body-hash' } : undefined
  if (claimed === 'UNSIGNED-PAYLOAD' || claimed === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return undefined
  const actual = request.body.length === 0 ? emptySha256 : createHash('sha256').update(request.body).digest('hex')
  return claimed === actual ? undefined : { why: 'wrong-body-hash' }
}

const emptySha256 = createHash('sha256').digest('hex')

function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}
