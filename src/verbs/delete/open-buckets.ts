import type { Assignment } from '../../work/assignment.ts'
import type { DeleteHost, DeletingBucket } from './deleting-host.ts'

/** The buckets of the accounts whose sessions stand. */
export class OpenBuckets {
  readonly #host: Pick<DeleteHost, 'open'>
  readonly #buckets = new Map<string, DeletingBucket>()

  constructor(host: Pick<DeleteHost, 'open'>) {
    this.#host = host
  }

  /** Throws `access.…`. */
  async open(assignment: Assignment): Promise<DeletingBucket> {
    const bucket = await this.#host.open(assignment)
    this.#buckets.set(assignment.account, bucket)
    return bucket
  }

  readonly of = (account: string): DeletingBucket => {
    const bucket = this.#buckets.get(account)
    if (bucket === undefined) throw new Error(`the bucket of ${account} is not open`)
    return bucket
  }
}
