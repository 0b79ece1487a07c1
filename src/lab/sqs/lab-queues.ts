import { CrosstrailError } from '../../error.ts'
import { labAccounts, labRegion } from '../fixture.ts'
import { parsePolicy } from '../evaluate-policy.ts'
import type { World } from '../world.ts'
import { Queue, type QueueOptions } from './stored-queue.ts'

/** The queues of the lab. */
export class LabQueues {
  readonly #world: World
  readonly #endpoint: string

  constructor(world: World, endpoint: string) {
    this.#world = world
    this.#endpoint = endpoint
  }

  /** Creates a queue, or replaces the one of that name and account. Throws `MalformedPolicyDocument` for a policy that the lab cannot evaluate. */
  create(name: string, options: QueueOptions = {}): Queue {
    const { account = labAccounts.A, region = labRegion, policy } = options
    if (policy !== undefined) parsePolicy(JSON.stringify(policy), 'bucket')
    const path = `${account}/${name}`
    const queue = new Queue(name, { ...options, account, region, url: `${this.#endpoint}/${path}` }, this.#world.now)
    this.#world.queues.set(path, queue)
    return queue
  }

  /** Deletes a queue. Calls to it then fail, as on AWS. */
  delete({ account, name }: Pick<Queue, 'account' | 'name'>): void {
    this.#world.queues.delete(`${account}/${name}`)
  }

  /** Returns a queue of an account, by default of A. @throws {CrosstrailError} `lab.no-such-queue` */
  get(name: string, account: string = labAccounts.A): Queue {
    const queue = this.#world.queues.get(`${account}/${name}`)
    if (queue !== undefined) return queue
    throw new CrosstrailError('lab.no-such-queue', `the lab has no queue ${name} in account ${account}`, {
      hint: 'create it with queues.create',
    })
  }
}
