import type { SharedQueue } from '../../identity/sharing/announcing.ts'
import type { QueueAttributes } from '../../queue/queue-client.ts'
import { shellWord } from '../../trail/shell-word.ts'
import type { Walk } from './walk.ts'

/** The queue of an account, through its credentials to start with. */
export interface DoctorQueue extends SharedQueue {
  /** Receives nothing. Throws `queue.…`, `access.…`, `config.endpoint`. */
  attributes(): Promise<QueueAttributes>
}

/** Returns the command that prints all policies and settings for the queue. */
export function policyCommand({ account }: Pick<Walk, 'account'>, queue: SharedQueue): string {
  const region = account.sqs?.region === undefined ? '' : ` --sqs-region ${queue.region}`
  return `crosstrail policy ${account.label} --sqs ${shellWord(queue.url)}${region}`
}
