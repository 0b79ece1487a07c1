import { aggregatedRecord, insightRecord, networkRecord } from './activity/other-kinds.ts'
import { callRecord, type Place } from './activity/call-record.ts'
import { anyScene } from './activity/scenes.ts'
import { randomIndex, type Random } from './random.ts'

/** The kinds of log in a sample. Digests are made from these. */
export type SampleKind = 'events' | 'insight' | 'network-activity' | 'aggregated'

export interface SampleFacts extends Place {
  readonly kind: SampleKind
  readonly count: number
  /** When the events happened. The interval includes both ends. */
  readonly fromMs: number
  readonly toMs: number
}

/** The time between two calls of a scene. */
const stepMs = 11_000

/** Returns realistic records of one log. If `count` allows, all calls of a scene are in the same log. */
export function sampleRecords(random: Random, facts: SampleFacts): Record<string, unknown>[] {
  const { kind, count, fromMs, toMs } = facts
  const anyTime = () => fromMs + randomIndex(random, toMs - fromMs)
  if (kind !== 'events') return Array.from({ length: count }, () => recordOf[kind](random, facts, anyTime()))
  const records: Record<string, unknown>[] = []
  while (records.length < count) {
    const startMs = anyTime()
    const room = count - records.length
    for (const [at, { caller, call }] of anyScene(random, facts, startMs).slice(0, room).entries()) {
      records.push(callRecord(random, facts, Math.min(startMs + at * stepMs, toMs), caller, call))
    }
  }
  return records
}

const recordOf = {
  insight: insightRecord,
  'network-activity': networkRecord,
  aggregated: aggregatedRecord,
} as const
