import type { AccountId } from '../trail/account-id.ts'
import { minuteMs } from '../trail/calendar.ts'
import { formatKey } from '../trail/key.ts'
import type { TrailLayout } from '../trail/trail.ts'
import { sampleWindow } from './samples.ts'

export interface SyntheticKeysOptions {
  readonly count: number
  readonly layout?: TrailLayout
  readonly logAccount?: AccountId
  readonly region?: string
  readonly window?: { readonly fromMs: number; readonly toMs: number }
}

/** Generates keys of events logs in S3's order, spread evenly over the window. For `Bucket.putShared`, which gives all of them one body. */
export function* syntheticKeys(options: SyntheticKeysOptions): Generator<string> {
  const { count, layout = { prefix: '' }, region = 'us-east-1' } = options
  const { fromMs, toMs } = options.window ?? sampleWindow
  const logAccount = options.logAccount ?? ('222222222222' as AccountId)
  let minute = -1
  let beforeRandom = ''
  for (let index = 0; index < count; index += 1) {
    const deliveredAtMs = fromMs + Math.floor((index / count) * (toMs - fromMs))
    const random = index.toString(36).toUpperCase().padStart(16, '0')
    // Formatting a million keys one by one would take ten times as long.
    if (Math.floor(deliveredAtMs / minuteMs) !== minute) {
      minute = Math.floor(deliveredAtMs / minuteMs)
      const whole = formatKey({ kind: 'events', logAccount, region, deliveredAtMs, random }, layout)
      beforeRandom = whole.slice(0, whole.lastIndexOf(random))
    }
    yield `${beforeRandom}${random}.json.gz`
  }
}
