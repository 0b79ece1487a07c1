import type { AccountId } from '../../trail/account-id.ts'
import type { Caller } from '../authenticate.ts'
import { callerContext, denial } from '../authorize.ts'
import { ServiceError } from '../error-answer.ts'
import type { World } from '../world.ts'
import type { Queue } from './stored-queue.ts'

/** Checks that the caller may call an action on a queue. @throws {ServiceError} `AccessDeniedException`, in AWS's words */
export function demandQueue(caller: Caller, action: string, queue: Queue): void {
  const access = { action, resource: queue.arn, context: callerContext(caller), owner: queue.account }
  const why = denial(caller, { ...access, bucketPolicy: queue.policy })
  if (why === undefined) return
  // AWS writes the action in lower case here.
  const text = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${queue.arn} ${why}`
  throw new ServiceError(403, 'AccessDeniedException', text.replaceAll(action, action.toLowerCase()))
}

/** Checks that the caller may use the key of an encrypted queue. @throws {ServiceError} `KmsAccessDenied` */
export function demandKey(
  caller: Caller,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
  queue: Queue,
  world: World,
): void {
  const { kmsKeyArn } = queue
  if (kmsKeyArn === undefined) return
  const context = callerContext(caller).set('kms:viaservice', `sqs.${queue.region}.amazonaws.com`)
  context.set('kms:encryptioncontext:aws:sqs:arn', queue.arn)
  const owner = (kmsKeyArn.split(':')[4] ?? queue.account) as AccountId
  const bucketPolicy = world.keyPolicies.get(kmsKeyArn)
  const why = denial(caller, { action, resource: kmsKeyArn, context, owner, bucketPolicy })
  if (why === undefined) return
  const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${kmsKeyArn} ${why} (Service: Kms, Status Code: 400)`
  throw new ServiceError(400, 'KmsAccessDenied', message)
}
