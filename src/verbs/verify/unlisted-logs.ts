import { hourMs } from '../../trail/calendar.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { StreamName } from './chain-name.ts'
import type { VerifyFinding } from './finding.ts'
import { instantSpan } from './instant-span.ts'

/** More unlisted logs than these are reported in one finding. */
const mostFindings = 1000
/** A trail without validation delivers all the time. Fewer logs, or in fewer hours, are more likely added by hand. */
const fewestLogs = 12
const fewestHours = 6

/**
 * The logs of a stream that no digest lists. Each is a finding, unless they are so many and so regular that another trail seems to deliver into
 * the same folder with validation off: only digests tell the logs of two trails apart.
 */
export class UnlistedLogs {
  readonly #stream: StreamName
  readonly #report: (finding: VerifyFinding) => void
  #logs: { readonly key: string; readonly deliveredAtMs: number }[] = []
  readonly #hours = new HourCount()
  readonly #listedHours = new HourCount()
  #count = 0
  #first: LogObject | undefined
  #lastMs = 0

  constructor(stream: StreamName, report: (finding: VerifyFinding) => void) {
    this.#stream = stream
    this.#report = report
  }

  get count(): number {
    return this.#count
  }

  noteListed(deliveredAtMs: number): void {
    this.#listedHours.note(deliveredAtMs)
  }

  add(log: LogObject): void {
    this.#count++
    this.#first ??= log
    this.#lastMs = Math.max(this.#lastMs, log.deliveredAtMs)
    this.#hours.note(log.deliveredAtMs)
    if (this.#logs.length <= mostFindings) this.#logs.push({ key: log.key, deliveredAtMs: log.deliveredAtMs })
  }

  finish(): void {
    if (this.#first === undefined) return
    if (this.#count > mostFindings || this.#isRegular()) this.#report(this.#validationOff(this.#first))
    else for (const log of this.#logs) this.#report(unlisted(log))
    this.#logs = []
  }

  #isRegular(): boolean {
    const hours = this.#hours.count
    return this.#count >= fewestLogs && hours >= fewestHours && hours * 2 >= this.#listedHours.count
  }

  #validationOff({ key, deliveredAtMs: startMs }: LogObject): VerifyFinding {
    const { logAccount, region } = this.#stream
    const endMs = this.#lastMs + 1
    const message = `no digest lists ${this.#count} logs of ${logAccount}/${region}, delivered in ${this.#hours.count} hours from ${instantSpan(startMs, this.#lastMs)} (the first is ${key}): another trail that delivers to this folder seems to have validation off, or logs were added`
    return { code: 'verify.validation-off', key, chain: undefined, startMs, endMs, message }
  }
}

function unlisted({ key }: { key: string }): VerifyFinding {
  const message = `no digest lists the log ${key}: it was added or renamed, or a trail that delivers to this folder has validation off`
  return { code: 'verify.log-unlisted', key, chain: undefined, startMs: undefined, endMs: undefined, message }
}

/** Counts hours, given in order but for a few. */
class HourCount {
  #last = -Infinity
  #count = 0

  get count(): number {
    return this.#count
  }

  note(instantMs: number): void {
    const hour = Math.floor(instantMs / hourMs)
    if (hour <= this.#last) return
    this.#last = hour
    this.#count++
  }
}
