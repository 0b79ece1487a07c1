import { leaveReasons } from '../../queue/left-messages.ts'
import type { MetricFamily } from './prometheus-text.ts'
import type { QueueNumbers } from './queue-meter.ts'

/** Returns the metrics of pulls that listen to queues. Names and labels are stable. */
export function queueFamilies(numbers: QueueNumbers): MetricFamily[] {
  const { feed, counts, isUp, taken, delaySumMs, foreign, longestDelayMs } = numbers
  const counter = (name: string, help: string, value: number): MetricFamily => ({
    name: `crosstrail_queue_${name}_total`,
    type: 'counter',
    help: `${help}, since the start of the process`,
    samples: [{ value }],
  })
  const gauge = (name: string, help: string, value: number | undefined): MetricFamily => ({
    name: `crosstrail_queue_${name}`,
    type: 'gauge',
    help,
    samples: value === undefined ? [] : [{ value }],
  })
  return [
    gauge('up', '1 if all queues answered when they were last asked, else 0', Number(isUp)),
    counter('messages_received', 'Messages received', feed.received),
    counter(
      'messages_deleted',
      'Messages deleted after all of their logs were stored, or because they announced no log',
      feed.deleted,
    ),
    {
      name: 'crosstrail_queue_messages_left_total',
      type: 'counter',
      help: 'Messages left in the queue, by reason, since the start of the process',
      samples: leaveReasons.map((reason) => ({ labels: { reason }, value: feed.left.get(reason) ?? 0 })),
    },
    gauge('messages_in_flight', 'Messages that are received and neither deleted nor left', feed.inFlight),
    gauge('oldest_message_seconds', 'Age of the oldest message in flight', feed.oldestMs && feed.oldestMs / 1000),
    counter('logs_announced', 'New logs that a message announced', counts.announced),
    counter('logs_listed_only', 'New logs that only a listing found', counts.unannounced),
    counter('foreign_keys', 'Keys of messages that this pull does not take', foreign),
    counter('logs_taken', 'Logs taken because a message announced them', taken),
    counter(
      'delay_seconds',
      'Sum of the times from the delivery of these logs until they were stored',
      delaySumMs / 1000,
    ),
    gauge(
      'longest_delay_seconds',
      'The longest of these times in the last pull that took any',
      longestDelayMs && longestDelayMs / 1000,
    ),
  ]
}
