const windowMs = 1000
const stepMs = 100
const steps = windowMs / stepMs
/** The growth of the rate per second: in the first seconds after it was set, and after that. */
const cautiousGrowth = 0.02
const growth = 0.5
const cautiousMs = 4_500
/** In the first second there are too few answers for a good estimate. */
const cautiousAtFirstMs = 1_000
/** Timers fire late. Up to this much lost time is caught up. */
const catchUpMs = 20
/** After a rate proved too high, it is set to this share of what S3 accepted. */
export const roomBelowLimit = 0.93
/** A stronger reduction, while a trial shows whether slowing down helps. */
const roomForTrial = 0.8
const leastPerSecond = 10
const deepestBrake = 1 / 32

/** A rate that can be restored. */
export interface KeptRate {
  readonly perSecond: number
  readonly setMs: number
  readonly cautiousUntilMs: number
}

/**
 * Limits how many calls start per second. There is no limit at first. A limit on concurrent calls is not enough: if an answer takes a
 * millisecond, one call at a time is a thousand per second.
 *
 * `slow` sets the rate well below what was answered, and `settle` a little below it. Then the rate grows by 2 % per second. After four and a
 * half seconds without a change it grows by 50 % per second; the faster it grows, the more calls are refused. `brake` halves the rate, at most
 * every tenth of a second, until a call is answered: a server that counts per second accepts nothing more until the second ends.
 */
export class CallRate {
  readonly #answered = new RecentCount()
  #startedMs: number | undefined
  #target: KeptRate = { perSecond: Infinity, setMs: 0, cautiousUntilMs: 0 }
  #brake = 1
  #brakedMs = -Infinity
  #nextMs = 0

  /** Returns how long the next call must wait, in milliseconds. If it returns 0, the call has taken its turn. The rate never exceeds `most`. */
  take(nowMs: number, most = Infinity): number {
    this.#startedMs ??= nowMs
    const perSecond = Math.min(this.perSecond(nowMs), most)
    if (perSecond === Infinity) return 0
    this.#nextMs = Math.max(this.#nextMs, nowMs - catchUpMs)
    if (this.#nextMs > nowMs) return this.#nextMs - nowMs
    this.#nextMs += 1000 / perSecond
    return 0
  }

  answered(nowMs: number): void {
    this.#answered.add(nowMs)
    if (this.#brake !== 1) this.#release(nowMs)
  }

  /** `base` is the share of calls that is refused at any rate. These refusals are no reason to slow down. */
  slow(base: number, nowMs: number): void {
    const countedMs = windowMs - stepMs + (nowMs % stepMs)
    const elapsedMs = Math.max(stepMs, Math.min(countedMs, nowMs - (this.#startedMs ?? nowMs)))
    const answeredPerSecond = (this.#answered.sum(nowMs, steps) / elapsedMs) * 1000
    const wanted = (answeredPerSecond / (1 - base)) * roomForTrial
    this.#setTo(Math.min(wanted, this.perSecond(nowMs) / this.#brake), nowMs)
  }

  /** Called if nothing is answered at present. The answers of the last second may be all that the server allows per second. */
  stop(base: number, nowMs: number): void {
    const taken = Math.min(this.#answered.sum(nowMs, steps) / (1 - base), this.perSecond(nowMs) / this.#brake)
    this.#setTo(taken * roomBelowLimit, nowMs)
    this.brake(nowMs)
  }

  brake(nowMs: number): void {
    if (nowMs - this.#brakedMs < stepMs) return
    this.#brake = Math.max(deepestBrake, this.#brake / 2)
    this.#brakedMs = nowMs
  }

  /** Called after slowing down has helped. The reduction can then be smaller. */
  settle(nowMs: number): void {
    const perSecond = (this.perSecond(nowMs) * roomBelowLimit) / roomForTrial
    this.#target = { perSecond, setMs: nowMs, cautiousUntilMs: Math.max(nowMs, this.#target.cautiousUntilMs) }
  }

  get kept(): KeptRate {
    return this.#target
  }

  goBackTo(kept: KeptRate, nowMs: number): void {
    this.#target = kept
    this.#release(nowMs)
  }

  perSecond(nowMs: number): number {
    const { perSecond, setMs, cautiousUntilMs } = this.#target
    if (perSecond === Infinity) return Infinity
    const slowSeconds = (Math.min(nowMs, cautiousUntilMs) - setMs) / 1000
    const fastSeconds = Math.max(0, nowMs - cautiousUntilMs) / 1000
    return perSecond * (1 + cautiousGrowth * slowSeconds) * (1 + growth) ** fastSeconds * this.#brake
  }

  #setTo(wanted: number, nowMs: number): void {
    const perSecond = Math.max(leastPerSecond, wanted)
    const isFirst = nowMs - (this.#startedMs ?? nowMs) < windowMs
    this.#target = { perSecond, setMs: nowMs, cautiousUntilMs: nowMs + (isFirst ? cautiousAtFirstMs : cautiousMs) }
  }

  #release(nowMs: number): void {
    this.#brake = 1
    this.#nextMs = Math.min(this.#nextMs, nowMs)
  }
}

/** Counts the events of the last second, in steps. */
class RecentCount {
  readonly #counts = Array.from({ length: steps }, () => 0)
  #step = 0

  add(nowMs: number): void {
    this.#moveTo(nowMs)
    const index = this.#step % steps
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  /** Returns the sum of the last steps, including the current one. */
  sum(nowMs: number, lastSteps: number): number {
    this.#moveTo(nowMs)
    let sum = 0
    for (let back = 0; back < lastSteps; back++) sum += this.#counts[(this.#step - back + steps) % steps] ?? 0
    return sum
  }

  #moveTo(nowMs: number): void {
    const step = Math.floor(nowMs / stepMs)
    for (let passed = Math.min(steps, step - this.#step); passed > 0; passed--) {
      this.#counts[(step - passed + 1) % steps] = 0
    }
    this.#step = step
  }
}
