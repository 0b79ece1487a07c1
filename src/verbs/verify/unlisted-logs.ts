import { hourMs, minuteMs } from '../../trail/calendar.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { StreamName } from './chain-name.ts'
import type { VerifyFinding } from './finding.ts'
import { instantSpan } from './instant-span.ts'
import { holdsLog } from './log-join.ts'
import type { Span } from './span.ts'

/** More unlisted logs than these are reported in one finding. */
const mostFindings = 1000
/** A trail without validation delivers all the time. Fewer logs, or in fewer hours, are more likely added by hand. */
const fewestLogs = 12
const fewestHours = 6

/** The unlisted logs of one hour. */
interface UnlistedHour {
  count: number
  firstMs: number
  lastMs: number
  /** All of them, or a few if there are too many. */
  logs: { readonly key: string; readonly deliveredAtMs: number }[]
}

/**
 * The logs of a stream that no digest lists. Each is a finding, unless they are so many and so regular that another trail seems to deliver into
 * the same folder with validation off: only digests tell the logs of two trails apart.
 */
export class UnlistedLogs {
  readonly #stream: StreamName
  readonly #report: (finding: VerifyFinding) => void
  readonly #hours = new Map<number, UnlistedHour>()
  #kept = 0
  #listedHours = 0
  #lastListedHour = -Infinity

  constructor(stream: StreamName, report: (finding: VerifyFinding) => void) {
    this.#stream = stream
    this.#report = report
  }

  get count(): number {
    let count = 0
    for (const hour of this.#hours.values()) count += hour.count
    return count
  }

  /** Notes that a digest lists a log of that time. Times rise, but for a few. */
  noteListed(deliveredAtMs: number): void {
    const hour = Math.floor(deliveredAtMs / hourMs)
    if (hour <= this.#lastListedHour) return
    this.#lastListedHour = hour
    this.#listedHours++
  }

  add({ key, deliveredAtMs }: LogObject): void {
    const number = Math.floor(deliveredAtMs / hourMs)
    const hour = this.#hours.get(number) ?? { count: 0, firstMs: deliveredAtMs, lastMs: deliveredAtMs, logs: [] }
    this.#hours.set(number, hour)
    hour.count++
    hour.firstMs = Math.min(hour.firstMs, deliveredAtMs)
    hour.lastMs = Math.max(hour.lastMs, deliveredAtMs)
    if (hour.logs.length > 0 && this.#kept >= mostFindings) return
    hour.logs.push({ key, deliveredAtMs })
    this.#kept++
  }

  /**
   * Takes back the logs of a time for which a digest turns out to be missing, as when the first digests of a chain are. Returns how many
   * there were.
   */
  explain(span: Span): number {
    let explained = 0
    for (const [number, hour] of this.#hours) {
      if (holdsLog(span, hour.firstMs) && holdsLog(span, hour.lastMs)) {
        explained += hour.count
        this.#kept -= hour.logs.length
        this.#hours.delete(number)
        continue
      }
      const rest = hour.logs.filter(({ deliveredAtMs }) => !holdsLog(span, deliveredAtMs))
      const taken = hour.logs.length - rest.length
      explained += taken
      hour.count -= taken
      this.#kept -= taken
      hour.logs = rest
    }
    return explained
  }

  finish(): void {
    const hours = [...this.#hours.values()].filter(({ count }) => count > 0)
    const count = this.count
    const isRegular = count >= fewestLogs && hours.length >= fewestHours && hours.length * 2 >= this.#listedHours
    if (isRegular || count > mostFindings) this.#report(this.#validationOff(hours, count))
    else for (const { logs } of hours) for (const log of logs) this.#report(unlisted(log))
  }

  #validationOff(hours: readonly UnlistedHour[], count: number): VerifyFinding {
    const { logAccount, region } = this.#stream
    const startMs = Math.min(...hours.map(({ firstMs }) => firstMs))
    const lastMs = Math.max(...hours.map(({ lastMs: last }) => last))
    const key = hours.find(({ logs }) => logs.length > 0)?.logs[0]?.key
    const message = `no digest lists ${count} logs of ${logAccount}/${region}, delivered in ${hours.length} hours from ${instantSpan(startMs, lastMs)} (the first is ${key ?? 'unknown'}): another trail that delivers to this folder seems to have validation off, or logs were added`
    return { code: 'verify.validation-off', key, chain: undefined, startMs, endMs: lastMs + 1, message }
  }
}

function unlisted({ key, deliveredAtMs: startMs }: { key: string; deliveredAtMs: number }): VerifyFinding {
  const message = `no digest lists the log ${key}: it was added or renamed, or a trail that delivers to this folder has validation off`
  return { code: 'verify.log-unlisted', key, chain: undefined, startMs, endMs: startMs + minuteMs, message }
}
