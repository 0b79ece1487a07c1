import { CrosstrailError } from '../../error.ts'
import { queueDefaults } from '../../verbs/pull/options.ts'
import { hourMs } from '../../trail/calendar.ts'
import { anyText, type ParseText, wrongValue } from '../../config/text-value.ts'
import { queueOptions as named } from './queue.ts'
import { choice, flag, givenOptions, grouped, single, type Values } from '../option.ts'
import { durationInMs, wholeNumber } from '../parse-text.ts'

export const queueOptions = grouped('Listening to a queue', {
  sqs: single(
    'url',
    'Take logs when a queue announces them, and list now and then to find those that it did not announce. The URL of an SQS queue, or "config" for the queues in the config. Runs until it is stopped',
    anyText,
  ),
  'sqs-region': named['sqs-region'],
  drain: flag(
    'With --sqs, end when the queue gives nothing more. Exits with 1 if it still has messages that could not be handled',
  ),
  reconcile: single(
    'duration',
    'With --sqs, how often to list. A pull also lists at its start, and while the queue cannot be received from. Default: 1h',
    durationInMs(1000, 24 * hourMs, 'a duration like 1h, from a second to a day'),
  ),
  'max-receives': single(
    'count',
    `With --sqs, report a finding if a message was delivered more often and is still in the queue. Default: ${queueDefaults.maxReceives}`,
    wholeNumber(1, 1000),
  ),
  'max-missed': single(
    'percent',
    'With --sqs, report a finding if a larger share of new logs was not announced. Default: 1%',
    percent,
  ),
  foreign: choice(
    'action',
    'With --sqs, what to do with a message about keys of another trail, keys that are not selected, or logs that the role may not read: leave it in the queue, or acknowledge and so delete it. Default: leave',
    ['leave', 'ack'] as const,
  ),
})

type QueueValues = Values<typeof queueOptions>

/** What the command line says about a queue. */
export interface Queueing {
  /** Undefined: the queues of the config. */
  readonly url: string | undefined
  readonly region: string | undefined
  readonly drain: boolean
  readonly reconcileMs: number
  readonly maxReceives: number
  readonly maxMissed: number
  readonly foreign: 'leave' | 'ack'
}

/** Returns how to listen; undefined without `--sqs`. Throws `usage.conflict`. */
export function readQueueing(values: QueueValues & { readonly every: number | undefined }): Queueing | undefined {
  const { sqs, drain } = values
  if (sqs === undefined) {
    for (const name of givenOptions(values, Object.keys(queueOptions)))
      throw conflict(`--${name}`, 'works only with --sqs')
    return undefined
  }
  if (values.every !== undefined) {
    throw conflict('--every', 'does not go together with --sqs, which says with --reconcile how often it lists')
  }
  if (sqs === 'config' && values['sqs-region'] !== undefined) {
    throw conflict('--sqs-region', 'works only with the URL of a queue: set the region in the config')
  }
  return {
    url: sqs === 'config' ? undefined : sqs,
    region: values['sqs-region'],
    drain,
    reconcileMs: values.reconcile ?? queueDefaults.reconcileMs,
    maxReceives: values['max-receives'] ?? queueDefaults.maxReceives,
    maxMissed: values['max-missed'] ?? queueDefaults.maxMissed,
    foreign: values.foreign ?? queueDefaults.foreign,
  }
}

function conflict(option: string, why: string): CrosstrailError {
  return new CrosstrailError('usage.conflict', `${option} ${why}`, { hint: `remove ${option}`, facts: { option } })
}

function percent(...[text, name]: Parameters<ParseText<number>>): number {
  const value = /^\d{1,3}(?:\.\d{1,6})?%$/.test(text) ? Number.parseFloat(text) : Number.NaN
  if (!(value >= 0 && value <= 100)) throw wrongValue(name, text, 'a percentage like 1% or 0.5%, at most 100%')
  return value / 100
}
