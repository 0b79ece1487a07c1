import { authenticate, type Caller } from './authenticate.ts'
import { callerContext, denial } from './authorize.ts'
import { parseAuthorization } from './check-signature.ts'
import { cloudTrailRefusal } from './cloudtrail-refusal.ts'
import type { PublishedKey } from './digest-keys.ts'
import { ServiceError } from './error-answer.ts'
import type { Reply } from './reply.ts'
import { headerOf, type LabRequest } from './request.ts'
import type { World } from './world.ts'

const targets = 'CloudTrail_20131101.'

/** Returns the operation of a request to CloudTrail, which its `x-amz-target` names; undefined for another service. */
export function cloudTrailOperation(request: LabRequest): string | undefined {
  const target = headerOf(request, 'x-amz-target') ?? ''
  const at = target.indexOf(targets)
  return at < 0 ? undefined : target.slice(at + targets.length)
}

/** Returns the fields of a request in JSON, as text. */
export function cloudTrailFields(request: LabRequest): ReadonlyMap<string, string> {
  return new Map(Object.entries(parsed(request)).map(([name, value]) => [name, String(value)]))
}

/** Answers a request in the protocol JSON 1.1, also with its error. `who` gets the authenticated caller. */
export async function answerCloudTrail(world: World, request: LabRequest, who: (arn: string) => void): Promise<Reply> {
  try {
    const region = parseAuthorization(headerOf(request, 'authorization') ?? '')?.region ?? ''
    if (world.publicKeys.isClosed(region)) throw cloudTrailRefusal({ why: 'unknown-key' })
    const caller = await authenticate(request, 'cloudtrail', { ...world, nowMs: world.now() })
    if ('why' in caller) throw cloudTrailRefusal(caller)
    who(caller.arn)
    const operation = cloudTrailOperation(request) ?? ''
    if (operation !== 'ListPublicKeys') throw new ServiceError(400, 'UnknownOperationException', '')
    return jsonReply(request, 200, listPublicKeys(world, region, caller, parsed(request)))
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return cloudTrailErrorReply(error, request)
  }
}

export function cloudTrailErrorReply({ status, code, message }: ServiceError, request: LabRequest): Reply {
  return jsonReply(request, status, { __type: code, ...(message !== '' && { message }) })
}

function listPublicKeys(world: World, region: string, caller: Caller, fields: Readonly<Record<string, unknown>>) {
  const action = 'cloudtrail:ListPublicKeys'
  const access = { action, resource: '*', context: callerContext(caller), owner: caller.account }
  const why = denial(caller, access)
  if (why !== undefined) {
    const message = `User: ${caller.arn} is not authorized to perform: ${action} ${why}`
    throw new ServiceError(400, 'AccessDeniedException', message)
  }
  const { publicKeys, now } = world
  const fromMs = instantOf(fields['StartTime']) ?? now()
  const toMs = instantOf(fields['EndTime']) ?? now()
  if (fromMs > toMs) {
    throw new ServiceError(400, 'InvalidTimeRangeException', 'The start time must be before the end time.')
  }
  const keys = publicKeys.valid(region, fromMs, toMs)
  const first = pageStart(fields['NextToken'])
  const next = first + publicKeys.pageSize
  return {
    PublicKeyList: keys.slice(first, next).map(publicKeyFields),
    ...(next < keys.length && { NextToken: Buffer.from(`after ${next}`).toString('base64') }),
  }
}

function publicKeyFields({ publicKeyDer, fingerprint, validFromMs, validUntilMs }: PublishedKey) {
  return {
    Value: publicKeyDer.toString('base64'),
    ValidityStartTime: validFromMs / 1_000,
    ValidityEndTime: validUntilMs / 1_000,
    Fingerprint: fingerprint,
  }
}

/** JSON 1.1 writes an instant as seconds since the epoch. */
function instantOf(seconds: unknown): number | undefined {
  return typeof seconds === 'number' ? seconds * 1_000 : undefined
}

function pageStart(token: unknown): number {
  if (token === undefined || token === null) return 0
  const text = typeof token === 'string' ? Buffer.from(token, 'base64').toString() : ''
  const first = /^after (\d+)$/.exec(text)?.[1]
  if (first === undefined) throw new ServiceError(400, 'InvalidTokenException', 'The token is not valid.')
  return Number(first)
}

function parsed(request: LabRequest): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(request.body.toString() || '{}')
    return typeof fields === 'object' && fields !== null ? (fields as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

function jsonReply(request: LabRequest, status: number, body: unknown): Reply {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': request.id }
  return { status, headers, body: Buffer.from(JSON.stringify(body)) }
}
