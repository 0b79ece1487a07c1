import { parseLogFileName } from '../../trail/log-file-name.ts'
import type { AccountId } from '../../trail/account-id.ts'
import type { LogObject } from '../../trail/log-object.ts'
import { dayOf } from '../../trail/time.ts'
import { type Window, windowHolds } from '../../trail/window.ts'
import { chainText } from '../verify/chain-name.ts'
import type { CheckedDigest } from '../verify/check-digest.ts'
import type { VerifyFindingCode } from '../verify/finding.ts'
import type { JoinedLog } from '../verify/log-join.ts'
import type { LogState, VerifyResult } from '../verify/result.ts'
import { Delays } from './delays.ts'
import type { MonthTotal } from './figures.ts'
import { FindingList } from './finding-list.ts'
import { lateAfterMs, type ReportOptions } from './options.ts'
import type { LogFlag } from './stream-days.ts'
import { ReportStream } from './streams.ts'

export interface CollectorOptions extends Pick<ReportOptions, 'dirs' | 'keysFile' | 'movedFrom' | 'onObject'> {
  /** The window of the report. Digests of hours around it are read too, and do not count. */
  readonly window: Window
  /** Whether LastModified says when S3 got a log. It does not in a folder, and not for logs that were copied. */
  readonly tellsArrival: boolean
}

type CountedObject = Pick<LogObject, 'kind' | 'key' | 'sizeBytes' | 'deliveredAtMs' | 'logAccount' | 'region'>

/** What a log's state means for its day. */
const flagOf: Readonly<Record<LogState | 'listed', LogFlag>> = {
  verified: 'verified',
  listed: 'listed',
  pending: 'pending',
  uncovered: 'noDigest',
  wrong: 'missing',
  unlisted: 'unverified',
  unproven: 'unverified',
  archived: 'unverified',
  failed: 'unverified',
}

/** Findings that say that a log or digest is not there, or is not what CloudTrail wrote. Others leave something unproven. */
const changed: ReadonlySet<VerifyFindingCode> = new Set<VerifyFindingCode>([
  'verify.log-missing',
  'verify.log-hash',
  'verify.log-malformed',
  'verify.log-listed-twice',
  'verify.digest-missing',
  'verify.digest-malformed',
  'verify.signature-wrong',
  'verify.previous-hash',
  'verify.previous-signature',
])

/** Collects what a report shows while the streams are read. Its memory grows with streams and days, not with logs. */
export class Collector {
  readonly findings: FindingList
  readonly delays = new Delays()
  readonly #options: CollectorOptions
  readonly #streams = new Map<string, ReportStream>()
  readonly #months = new Map<string, { objects: number; bytes: number }>()
  readonly #listed = new Map<string, number>()

  constructor(options: CollectorOptions) {
    this.#options = options
    this.findings = new FindingList(options)
  }

  /** Sorted by log account and region. */
  get streams(): readonly ReportStream[] {
    return [...this.#streams].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, stream]) => stream)
  }

  /** A log that a proven digest lists. `isRead`: its hash is compared, and `result` gets what comes of it. */
  joined(log: JoinedLog, isRead: boolean): void {
    if (log.state !== 'listed') return
    const chain = chainText(log.listed.chain)
    this.#listed.set(chain, (this.#listed.get(chain) ?? 0) + 1)
    if (!isRead) this.#log(log.object, 'listed')
  }

  /** How many logs the proven digests of a chain list that are there. */
  listedOf(chain: string): number {
    return this.#listed.get(chain) ?? 0
  }

  result(result: VerifyResult): void {
    if (result.type === 'log') return this.#log(result.log, result.state)
    if (result.type === 'digest') return
    const { finding } = result
    this.findings.verify(finding)
    const { chain, startMs, key } = finding
    if (chain === undefined || startMs === undefined) return
    const atMs = (key !== undefined && parseLogFileName(key)?.deliveredAtMs) || startMs
    if (windowHolds(this.#options.window, atMs)) {
      this.#stream(chain.logAccount as AccountId, chain.region).days.note(
        atMs,
        changed.has(finding.code) ? 'missing' : 'unverified',
      )
    }
  }

  digest({ key, parts, object, digest, state, isInPlace, chain }: CheckedDigest): void {
    const { window } = this.#options
    this.listedDigest({ ...parts, key, sizeBytes: object?.sizeBytes ?? 0 })
    if (state !== 'proven' || !isInPlace || digest === undefined) return
    if (!chain.backfill) this.#stream(parts.logAccount, parts.region).days.cover(digest.startMs, digest.endMs)
    for (const { key: logKey, newestEventMs, oldestEventMs } of digest.logs) {
      const { kind, deliveredAtMs = Number.NaN } = parseLogFileName(logKey) ?? {}
      // The other kinds sum up events of a longer time.
      if (kind !== 'events' || !windowHolds(window, deliveredAtMs)) continue
      this.delays.add(deliveredAtMs, newestEventMs, oldestEventMs)
    }
  }

  /** A digest that is there. Whether it is proven does not matter. */
  listedDigest(digest: CountedObject): void {
    // Its stamp is the end of its period, which belongs to the window that the period ends in.
    if (windowHolds(this.#options.window, digest.deliveredAtMs - 1)) this.#count(digest)
  }

  #count(object: CountedObject): ReportStream {
    const stream = this.#stream(object.logAccount, object.region)
    stream.count(object)
    this.#options.onObject?.(object.sizeBytes)
    const name = dayOf(object.deliveredAtMs).slice(0, 7)
    let month = this.#months.get(name)
    if (month === undefined) this.#months.set(name, (month = { objects: 0, bytes: 0 }))
    month.objects++
    month.bytes += object.sizeBytes
    return stream
  }

  months(): MonthTotal[] {
    return [...this.#months].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([month, total]) => ({ month, ...total }))
  }

  #log(log: LogObject, state: LogState | 'listed'): void {
    const { days, late } = this.#count(log)
    days.note(log.deliveredAtMs, flagOf[state])
    const lateMs = log.lastModifiedMs - log.deliveredAtMs
    if (!this.#options.tellsArrival || lateMs <= lateAfterMs) return
    days.note(log.deliveredAtMs, 'late')
    late.logs++
    if (lateMs > late.worstMs) Object.assign(late, { worstMs: lateMs, worstKey: log.key })
  }

  #stream(logAccount: AccountId, region: string): ReportStream {
    const name = `${logAccount} ${region}`
    let stream = this.#streams.get(name)
    if (stream === undefined) this.#streams.set(name, (stream = new ReportStream(logAccount, region)))
    return stream
  }
}
