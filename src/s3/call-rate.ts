const windowMs = 1000
const stepMs = 100
const steps = windowMs / stepMs
/** How much faster a second later, in the first seconds after the rate was set, and from then on. */
const cautiousGrowth = 0.02
const growth = 0.5
const cautiousMs = 4_500
/** What was answered in less than a second is little to go by. */
const cautiousAtFirstMs = 1_000
/** A timer is never on time: what was missed may be made up for. */
const catchUpMs = 20
/** A rate that proved too high is set to so much of what S3 took. */
export const roomBelowLimit = 0.93
/** While it is found out whether slowing down helps, it is done more clearly. */
const roomForTrial = 0.8
const leastPerSecond = 10
const deepestBrake = 1 / 32

/** A rate that can be gone back to. */
export interface KeptRate {
  readonly perSecond: number
  readonly setMs: number
  readonly cautiousUntilMs: number
}

/**
 * How many calls a second are made. Without a bound at first. Bounding the calls under way is not enough: if an answer takes a millisecond,
 * one call at a time is a thousand a second.
 *
 * `slow` sets the rate to clearly less than what was answered, and `settle` to a little less. Then it grows by 2 % a second, and once nothing has
 * set it for four and a half seconds by half a second's worth each second: the faster it comes back, the more is refused. `brake` halves it, at
 * most each tenth of a second, until a call is answered: a server that counts by the second takes nothing more for the rest of the second.
 */
export class CallRate {
  readonly #answered = new RecentCount()
  #startedMs: number | undefined
  #target: KeptRate = { perSecond: Infinity, setMs: 0, cautiousUntilMs: 0 }
  #brake = 1
  #brakedMs = -Infinity
  #nextMs = 0

  /** How long the next call has to wait, in milliseconds. 0 takes its turn. */
  take(nowMs: number): number {
    this.#startedMs ??= nowMs
    if (this.#target.perSecond === Infinity) return 0
    this.#nextMs = Math.max(this.#nextMs, nowMs - catchUpMs)
    if (this.#nextMs > nowMs) return this.#nextMs - nowMs
    this.#nextMs += 1000 / this.perSecond(nowMs)
    return 0
  }

  answered(nowMs: number): void {
    this.#answered.add(nowMs)
    if (this.#brake !== 1) this.#release(nowMs)
  }

  /** `base` is the share of calls that is refused at any rate: they are no reason to make fewer. */
  slow(base: number, nowMs: number): void {
    const countedMs = windowMs - stepMs + (nowMs % stepMs)
    const elapsedMs = Math.max(stepMs, Math.min(countedMs, nowMs - (this.#startedMs ?? nowMs)))
    const answeredPerSecond = (this.#answered.sum(nowMs, steps) / elapsedMs) * 1000
    const wanted = (answeredPerSecond / (1 - base)) * roomForTrial
    this.#setTo(Math.min(wanted, this.perSecond(nowMs) / this.#brake), nowMs)
  }

  /** Nothing is answered now. What was answered in the last second may be all that a second allows. */
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

  /** Slowing down has helped: it need not be as clear any more. */
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

/** Counts what happened in the last second, in steps. */
class RecentCount {
  readonly #counts = Array.from({ length: steps }, () => 0)
  #step = 0

  add(nowMs: number): void {
    this.#moveTo(nowMs)
    const index = this.#step % steps
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  /** Of the last so many steps, the one under way among them. */
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
