import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerCloudTrail, cloudTrailErrorReply, cloudTrailFields, cloudTrailOperation } from './cloudtrail-server.ts'
import type { Fault, FaultPlan, SeenRequest } from './faults.ts'
import type { LabService } from './authenticate.ts'
import type { Reply } from './reply.ts'
import { headerOf, readRequest, type LabRequest } from './request.ts'
import type { RequestLog } from './request-log.ts'
import { s3Target, type S3Target } from './s3-route.ts'
import { answerS3, hostId, s3ErrorDocument, s3ErrorReply } from './s3.ts'
import { send } from './send.ts'
import { ServiceError } from './error-answer.ts'
import { parseAuthorization } from './check-signature.ts'
import { errorOf, internalError, spoiled } from './spoil.ts'
import { answerSts, stsErrorReply, stsForm } from './sts-server.ts'
import { answerSqs, type SqsListener, sqsFields, sqsOperation } from './sqs/sqs-server.ts'
import { sqsErrorReply } from './sqs/sqs-error.ts'
import type { World } from './world.ts'

export interface Service {
  readonly world: World
  readonly faults: FaultPlan
  readonly requests: RequestLog
  /** The wait before every answer of S3. */
  readonly latencyMs: number
}

/** Reads and answers one request, with its fault. A POST that names a target is for SQS or CloudTrail, any other one to `/` for STS. */
export async function serve(service: Service, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = await readOrRefuse(incoming, response)
  if (request === undefined) return
  const route = routeOf(request)
  const { service: called } = route
  const seen: SeenRequest = { ...route.target, query: route.query, headers: request.headers }
  const fault = service.faults.choose(seen)
  await sleepFor(
    (called === 's3' ? service.latencyMs : 0) +
      (typeof fault === 'object' && 'latencyMs' in fault ? fault.latencyMs : 0),
  )
  if (fault === 'expireSession') expireSessionOf(service.world, request)

  let principal: string | undefined
  const reply = await answer(service.world, request, route, fault, {
    who: (arn) => (principal = arn),
    isGone: () => response.destroyed,
  })
  const inside = s3ErrorDocument(internalError(200), request)
  const sent = spoiled(reply, fault, seen, inside)
  service.requests.add({ ...seen, method: request.method, principal, status: sent.status, fault })
  send(
    response,
    { ...sent, headers: { ...commonHeaders(request, called, service.world.dates()), ...sent.headers } },
    fault,
  )
}

interface Route {
  readonly service: LabService
  readonly target: S3Target
  readonly query: SeenRequest['query']
}

function routeOf(request: LabRequest): Route {
  const queueOperation = request.method === 'POST' ? sqsOperation(request) : undefined
  if (queueOperation !== undefined) {
    return { service: 'sqs', target: { operation: queueOperation, bucket: '', key: '' }, query: sqsFields(request) }
  }
  if (request.method !== 'POST' || request.path !== '/') {
    return { service: 's3', target: s3Target(request), query: request.query }
  }
  const operation = cloudTrailOperation(request)
  if (operation !== undefined) {
    return { service: 'cloudtrail', target: { operation, bucket: '', key: '' }, query: cloudTrailFields(request) }
  }
  const query = stsForm(request)
  return { service: 'sts', target: { operation: query.get('Action') ?? 'Unknown', bucket: '', key: '' }, query }
}

async function readOrRefuse(incoming: IncomingMessage, response: ServerResponse): Promise<LabRequest | undefined> {
  try {
    return await readRequest(incoming)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    const unread = { id: '0000000000000000', method: incoming.method ?? 'GET' }
    send(response, s3ErrorReply(error, unread))
    return undefined
  }
}

async function sleepFor(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds)
}

function expireSessionOf({ sessions, now }: World, request: LabRequest): void {
  const accessKeyId = parseAuthorization(headerOf(request, 'authorization') ?? '')?.accessKeyId
  const session = sessions.find(accessKeyId ?? '')
  if (session !== undefined) session.expiresAtMs = Math.min(session.expiresAtMs, now())
}

async function answer(
  world: World,
  request: LabRequest,
  { service, target }: Route,
  fault: Fault | undefined,
  listener: SqsListener,
): Promise<Reply> {
  const { who } = listener
  const error = fault === undefined ? undefined : errorOf(fault, target.operation)
  switch (service) {
    case 's3':
      return error === undefined ? answerS3(world, request, target, fault, who) : s3ErrorReply(error, request)
    case 'sts':
      return error === undefined ? answerSts(world, request, who) : stsErrorReply(error, request)
    case 'cloudtrail':
      return error === undefined ? answerCloudTrail(world, request, who) : cloudTrailErrorReply(error, request)
    case 'sqs':
      return error === undefined ? answerSqs(world, request, fault, listener) : sqsErrorReply(error, request)
  }
}

function commonHeaders({ id }: LabRequest, service: LabService, nowMs: number): Record<string, string> {
  const date = new Date(nowMs).toUTCString()
  return service === 's3'
    ? { date, server: 'AmazonS3', 'x-amz-request-id': id, 'x-amz-id-2': hostId }
    : { date, 'x-amzn-requestid': id }
}
