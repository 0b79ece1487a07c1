import { expect, onTestFinished } from 'vitest'
import { startLab, type Lab, type LabOptions } from '../../src/lab/lab.ts'
import type { Queue, QueueOptions } from '../../src/lab/sqs/stored-queue.ts'
import { queueAddress } from '../../src/queue/address.ts'
import type { QueueClient } from '../../src/queue/queue-client.ts'
import { openQueue, type QueueOptions as ClientOptions } from '../../src/queue/sqs.ts'
import type { KeySource, SigningKeys } from '../../src/s3/key-source.ts'

export interface QueueWorld {
  readonly lab: Lab
  readonly queue: Queue
  readonly client: QueueClient
  /** Opens another client, by default with the keys of A's administrator. */
  readonly open: (keys?: KeySource | SigningKeys, options?: Partial<ClientOptions>) => QueueClient
}

/** A lab with one queue and a client, which end with the test. */
export async function queueWorld(queueOptions: QueueOptions = {}, labOptions: LabOptions = {}): Promise<QueueWorld> {
  const lab = await startLab(labOptions)
  onTestFinished(() => lab.stop())
  const queue = lab.queues.create('new-logs', queueOptions)
  const open: QueueWorld['open'] = (keys = lab.principals.admin, options = {}) => {
    const source = 'current' in keys ? keys : fixedKeys(keys)
    const client = openQueue(queueAddress(queue.url, queue.region), source, {
      caller: 'account Z',
      env: {},
      ...options,
    })
    onTestFinished(() => client.close())
    return client
  }
  return { lab, queue, open, client: open() }
}

export function fixedKeys(keys: SigningKeys): KeySource {
  return { current: () => keys, renew: () => Promise.resolve(keys) }
}

/** The error of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.unreachable(`the call answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
}

/** A signal that is never aborted. Each call has its own, because clients listen to it. */
export const never = () => new AbortController().signal

export const ten = { max: 10, visibilitySeconds: 60, waitSeconds: 0 }
