import type { AccountId } from '../../trail/account-id.ts'
import { kinds, type Kind } from '../../trail/kind.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { ownText } from '../../trail/own-text.ts'
import { isSilent, noRhythm, type Rhythm, rhythmAfter } from '../pull/rhythm.ts'
import type { StreamEnd } from './figures.ts'
import { StreamDays } from './stream-days.ts'
import { formatInstant } from '../../trail/time.ts'

interface KindCount {
  objects: number
  bytes: number
  newestKey: string
  newestMs: number
  rhythm: Rhythm
}

/** What is known of one log account and region. */
export class ReportStream {
  readonly logAccount: AccountId
  readonly region: string
  readonly days = new StreamDays()
  /** Logs that S3 got late. */
  readonly late = { logs: 0, worstMs: 0, worstKey: '' }
  readonly #kinds = new Map<Kind, KindCount>()

  constructor(logAccount: AccountId, region: string) {
    this.logAccount = logAccount
    this.region = region
  }

  count({
    kind,
    key,
    sizeBytes,
    deliveredAtMs,
  }: Pick<LogObject, 'kind' | 'key' | 'sizeBytes' | 'deliveredAtMs'>): void {
    let count = this.#kinds.get(kind)
    if (count === undefined) {
      count = { objects: 0, bytes: 0, newestKey: '', newestMs: -Infinity, rhythm: noRhythm }
      this.#kinds.set(kind, count)
    }
    count.objects++
    count.bytes += sizeBytes
    if (kind !== 'digest') count.rhythm = rhythmAfter(count.rhythm, [deliveredAtMs])
    if (deliveredAtMs <= count.newestMs) return
    count.newestMs = deliveredAtMs
    // It must not keep a page of the listing in memory.
    count.newestKey = ownText(key)
  }

  get logs(): number {
    return this.#sum(({ objects }) => objects)
  }

  get bytes(): number {
    return this.#sum(({ bytes }) => bytes)
  }

  /** The instant of the newest log of a kind that used to come and stopped, although no digest says that there was nothing. */
  stopped(kind: Kind, nowMs: number): number | undefined {
    const { rhythm, objects, newestMs } = this.#kinds.get(kind) ?? {}
    if (rhythm === undefined || objects === undefined || newestMs === undefined) return undefined
    // A proven digest after the newest log shows that nothing happened.
    if ((this.days.provenUntilMs ?? -Infinity) > newestMs) return undefined
    return isSilent(rhythm, objects, nowMs) ? newestMs : undefined
  }

  ends(): StreamEnd[] {
    const { logAccount, region } = this
    return kinds.flatMap((kind): StreamEnd[] => {
      const count = this.#kinds.get(kind)
      if (count === undefined) return []
      const { objects, bytes, newestKey, newestMs } = count
      return [{ logAccount, region, kind, objects, bytes, newestKey, newest: formatInstant(newestMs) }]
    })
  }

  #sum(of: (count: KindCount) => number): number {
    let sum = 0
    for (const [kind, count] of this.#kinds) if (kind !== 'digest') sum += of(count)
    return sum
  }
}
