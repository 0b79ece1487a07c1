import type { Caller } from './authenticate.ts'
import { callerContext, denial } from './authorize.ts'
import type { LabRole } from './iam.ts'
import { parsePolicy, type PolicyDocument } from './evaluate-policy.ts'
import { ServiceError } from './error-answer.ts'
import type { LabSession } from './issued-sessions.ts'
import type { World } from './world.ts'

type Form = ReadonlyMap<string, string>

/**
 * `AssumeRole`: both sides must allow it, the duration must be within every limit, and the MFA code must be right if one is given.
 * @throws {ServiceError} with STS's message; AccessDenied does not say which side refused, nor whether the role exists
 */
export function assumeRole(
  world: World,
  caller: Caller,
  form: Form,
): { session: LabSession; packedPolicySize?: number } {
  const request = readForm(form)
  checkBounds(world, request.durationSeconds)
  if (caller.user === undefined && caller.session === undefined) {
    throw accessDenied('Roles may not be assumed by root accounts.')
  }
  const mfaPresent = checkMfa(caller, request)
  const role = world.iam.role(request.roleArn)
  if (role === undefined) throw notAuthorized(caller, 'sts:AssumeRole', request.roleArn)
  const context = requestContext(caller, request, mfaPresent)
  demand(caller, 'sts:AssumeRole', role, context)
  if (request.tags.size > 0) demand(caller, 'sts:TagSession', role, context)
  const sourceIdentity = request.sourceIdentity ?? caller.session?.sourceIdentity
  // A role chain passes it on, and so each of its calls needs the right to set it.
  if (sourceIdentity !== undefined) demand(caller, 'sts:SetSourceIdentity', role, context)
  checkLimits(caller, role, request.durationSeconds)

  const session = world.sessions.open(role, {
    sessionName: request.sessionName,
    expiresAtMs: world.now() + request.durationSeconds * 1_000,
    policy: request.policy,
    mfaPresent,
    sourceIdentity,
    tags: request.tags,
  })
  return request.policy === undefined ? { session } : { session, packedPolicySize: request.packedPolicySize }
}

interface AssumeRoleRequest {
  readonly roleArn: string
  readonly sessionName: string
  readonly externalId: string | undefined
  readonly durationSeconds: number
  readonly policy: PolicyDocument | undefined
  readonly packedPolicySize: number
  readonly serialNumber: string | undefined
  readonly tokenCode: string | undefined
  readonly sourceIdentity: string | undefined
  readonly tags: ReadonlyMap<string, string>
}

function readForm(form: Form): AssumeRoleRequest {
  const policyText = form.get('Policy')
  const tags = readTags(form)
  const packed = packedPolicySize(policyText, tags)
  const durationText = form.get('DurationSeconds') ?? '3600'
  checkField('roleArn', form.get('RoleArn') ?? '', /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/)
  checkField('roleSessionName', form.get('RoleSessionName') ?? '', /^[\w+=,.@-]{2,64}$/)
  checkField('externalId', form.get('ExternalId'), /^[\w+=,.@:/-]{2,1224}$/)
  checkField('sourceIdentity', form.get('SourceIdentity'), /^[\w+=,.@-]{2,64}$/)
  checkField('serialNumber', form.get('SerialNumber'), /^[\w+=/:,.@-]{9,256}$/)
  checkField('tokenCode', form.get('TokenCode'), /^\d{6}$/)
  checkField('durationSeconds', durationText, /^\d{1,9}$/)
  checkField('policy', policyText, /^[\t\n\r\u0020-\u00FF]{1,2048}$/)
  return {
    roleArn: form.get('RoleArn') ?? '',
    sessionName: form.get('RoleSessionName') ?? '',
    externalId: form.get('ExternalId'),
    durationSeconds: Number(durationText),
    policy: policyText === undefined ? undefined : parsePolicy(policyText, 'identity'),
    packedPolicySize: packed,
    serialNumber: form.get('SerialNumber'),
    tokenCode: form.get('TokenCode'),
    sourceIdentity: form.get('SourceIdentity'),
    tags,
  }
}

function checkField(name: string, value: string | undefined, pattern: RegExp): void {
  if (value === undefined || pattern.test(value)) return
  const rule = `Member must satisfy constraint: ${pattern.source}`
  throw validationError(`1 validation error detected: Value at '${name}' failed to satisfy constraint: ${rule}`)
}

function readTags(form: Form): Map<string, string> {
  const tags = new Map<string, string>()
  for (let index = 1; form.has(`Tags.member.${index}.Key`); index += 1) {
    const key = form.get(`Tags.member.${index}.Key`) ?? ''
    const value = form.get(`Tags.member.${index}.Value`) ?? ''
    if (key.length < 1 || key.length > 128 || value.length > 256) throw validationError(`tag ${key} is out of limits`)
    tags.set(key, value)
  }
  if (tags.size > 50) throw validationError('more than 50 tags')
  return tags
}

// AWS packs policy and tags into a binary of its own and shows only the percentage. The lab counts their bytes against 2,048.
function packedPolicySize(policy: string | undefined, tags: ReadonlyMap<string, string>): number {
  let sizeBytes = Buffer.byteLength(policy ?? '')
  for (const [key, value] of tags) sizeBytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  const percent = Math.ceil((sizeBytes / 2_048) * 100)
  if (percent <= 100 || (policy ?? '').length > 2_048) return percent
  const message = `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`
  throw new ServiceError(400, 'PackedPolicyTooLarge', message)
}

function checkBounds({ minSessionSeconds }: World, durationSeconds: number): void {
  if (durationSeconds < minSessionSeconds || durationSeconds > 43_200) {
    const bound =
      durationSeconds > 43_200
        ? 'Member must have value less than or equal to 43200'
        : `Member must have value greater than or equal to ${minSessionSeconds}`
    throw validationError(
      `1 validation error detected: Value '${durationSeconds}' at 'durationSeconds' failed to satisfy constraint: ${bound}`,
    )
  }
}

function checkMfa({ user }: Caller, { serialNumber, tokenCode }: AssumeRoleRequest): boolean {
  if (serialNumber === undefined && tokenCode === undefined) return false
  const code = user?.mfaDevices.get(serialNumber ?? '')
  if (code === undefined) {
    throw accessDenied(
      'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    )
  }
  if (code !== tokenCode) throw accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code. ')
  return true
}

function requestContext(caller: Caller, request: AssumeRoleRequest, mfaPresent: boolean): Map<string, string> {
  const context = callerContext(caller).set('sts:rolesessionname', request.sessionName)
  if (request.externalId !== undefined) context.set('sts:externalid', request.externalId)
  const sourceIdentity = request.sourceIdentity ?? caller.session?.sourceIdentity
  if (sourceIdentity !== undefined) context.set('sts:sourceidentity', sourceIdentity)
  if (mfaPresent) context.set('aws:multifactorauthpresent', 'true')
  for (const [key, value] of request.tags) context.set(`aws:requesttag/${key.toLowerCase()}`, value)
  return context
}

function demand(caller: Caller, action: string, role: LabRole, context: ReadonlyMap<string, string>): void {
  const access = { action, resource: role.arn, context, owner: role.account, trustPolicy: role.trust }
  if (denial(caller, access) !== undefined) throw notAuthorized(caller, action, role.arn)
}

function checkLimits(caller: Caller, role: LabRole, durationSeconds: number): void {
  if (caller.session !== undefined && durationSeconds > 3_600) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    )
  }
  if (durationSeconds > role.maxSessionSeconds) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  }
}

function notAuthorized(caller: Caller, action: string, roleArn: string): ServiceError {
  return accessDenied(`User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`)
}

function accessDenied(message: string): ServiceError {
  return new ServiceError(403, 'AccessDenied', message)
}

function validationError(message: string): ServiceError {
  return new ServiceError(400, 'ValidationError', message)
}
