import { authenticate } from '../authenticate.ts'
import { parseAuthorization } from '../check-signature.ts'
import { ServiceError } from '../error-answer.ts'
import type { Fault } from '../faults.ts'
import type { Reply } from '../reply.ts'
import { headerOf, type LabRequest } from '../request.ts'
import type { World } from '../world.ts'
import { isSqsOperation } from './operation-names.ts'
import { sqsOperations, type Fields } from './sqs-calls.ts'
import { sqsErrorReply, sqsRefusal, sqsReply } from './sqs-error.ts'

const targets = 'AmazonSQS.'

/** Returns the operation of a request to SQS, which its `x-amz-target` names; undefined for another service. */
export function sqsOperation(request: LabRequest): string | undefined {
  const target = headerOf(request, 'x-amz-target') ?? ''
  return target.startsWith(targets) ? target.slice(targets.length) : undefined
}

/** Returns the fields of a request as text: texts and numbers as they are, lists and objects as JSON. */
export function sqsFields(request: LabRequest): ReadonlyMap<string, string> {
  const texts = Object.entries(parsed(request) ?? {}).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return new Map(texts)
}

/** What `answerSqs` needs of the connection of a request. */
export interface SqsListener {
  /** Gets the authenticated caller. */
  readonly who: (arn: string) => void
  /** Whether the client has closed the connection, so that nothing is given out to nobody. */
  readonly isGone: () => boolean
}

/** Answers a request in the protocol JSON 1.0, also with its error. */
export async function answerSqs(
  world: World,
  request: LabRequest,
  fault: Fault | undefined,
  { who, isGone }: SqsListener,
): Promise<Reply> {
  try {
    const caller = await authenticate(request, 'sqs', { ...world, nowMs: world.now() })
    if ('why' in caller) throw sqsRefusal(caller)
    who(caller.arn)
    const operation = sqsOperation(request) ?? ''
    if (!isSqsOperation(operation)) throw new ServiceError(400, 'UnknownOperationException', '')
    const fields = parsed(request)
    if (fields === undefined) throw new ServiceError(400, 'SerializationException', 'The body is no JSON object')
    const region = parseAuthorization(headerOf(request, 'authorization') ?? '')?.region ?? ''
    return sqsReply(request, 200, await sqsOperations[operation]({ world, caller, region, fields, fault, isGone }))
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return sqsErrorReply(error, request)
  }
}

function parsed(request: LabRequest): Fields | undefined {
  try {
    const fields: unknown = JSON.parse(request.body.toString() || '{}')
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? (fields as Fields) : undefined
  } catch {
    return undefined
  }
}
