import { assumeRole } from './assume-role.ts'
import { authenticate, type Caller } from './authenticate.ts'
import { derivedId } from './iam.ts'
import { xmlReply, type Reply } from './reply.ts'
import { parseQuery, type LabRequest } from './request.ts'
import { ServiceError } from './error-answer.ts'
import type { LabSession } from './issued-sessions.ts'
import { stsRefusal } from './sts-refusal.ts'
import type { World } from './world.ts'
import { element } from './write-xml.ts'

/** Parses the form of a POST to `/`, STS's query protocol. */
export function stsForm(request: LabRequest): ReadonlyMap<string, string> {
  return parseQuery(request.body.toString())
}

/** Answers an STS request in the query protocol, also with its error document. `who` gets the authenticated caller. */
export async function answerSts(world: World, request: LabRequest, who: (arn: string) => void): Promise<Reply> {
  try {
    const caller = await authenticate(request, 'sts', { ...world, nowMs: world.now() })
    if ('why' in caller) throw stsRefusal(caller)
    who(caller.arn)
    return answer(world, request, caller)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return stsErrorReply(error, request)
  }
}

export function stsErrorReply(error: ServiceError, request: LabRequest): Reply {
  const type = error.status < 500 ? 'Sender' : 'Receiver'
  const inside = element('Type', type) + element('Code', error.code) + element('Message', error.message)
  const document = `<ErrorResponse ${stsNamespace}><Error>${inside}</Error>${element('RequestId', request.id)}</ErrorResponse>\n`
  return xmlReply(Buffer.from(document), error.status, { 'content-type': 'text/xml' })
}

const stsNamespace = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'

function answer(world: World, request: LabRequest, caller: Caller): Reply {
  const form = parseQuery(request.body.toString())
  const operation = form.get('Action')
  if (operation === 'AssumeRole') {
    return resultReply(operation, request, sessionElements(assumeRole(world, caller, form)))
  }
  if (operation === 'GetCallerIdentity') return resultReply(operation, request, identityElements(caller))
  const message = `Could not find operation ${operation ?? ''} for version 2011-06-15`
  throw new ServiceError(400, 'InvalidAction', message)
}

function resultReply(operation: string, request: LabRequest, inside: string): Reply {
  const result = `<${operation}Result>${inside}</${operation}Result>`
  const metadata = `<ResponseMetadata>${element('RequestId', request.id)}</ResponseMetadata>`
  const document = `<${operation}Response ${stsNamespace}>${result}${metadata}</${operation}Response>\n`
  return xmlReply(Buffer.from(document), 200, { 'content-type': 'text/xml' })
}

function sessionElements({ session, packedPolicySize }: { session: LabSession; packedPolicySize?: number }): string {
  const user = element('AssumedRoleId', session.userId) + element('Arn', session.arn)
  const credentials = [
    element('AccessKeyId', session.accessKeyId),
    element('SecretAccessKey', session.secretAccessKey),
    element('SessionToken', session.sessionToken),
    element('Expiration', new Date(session.expiresAtMs).toISOString().replace(/\.\d{3}/, '')),
  ]
  return [
    `<AssumedRoleUser>${user}</AssumedRoleUser>`,
    `<Credentials>${credentials.join('')}</Credentials>`,
    element('PackedPolicySize', packedPolicySize),
    element('SourceIdentity', session.sourceIdentity),
  ].join('')
}

function identityElements(caller: Caller): string {
  const isRoot = caller.user === undefined && caller.session === undefined
  const userId = isRoot ? caller.account : (caller.session?.userId ?? derivedId('AIDA', caller.arn))
  return element('Arn', caller.arn) + element('UserId', userId) + element('Account', caller.account)
}
