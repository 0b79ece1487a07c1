const windowMs = 1000
const stepMs = 100
const steps = windowMs / stepMs
/** How much faster a second later, in the first seconds after the rate was set; from then on it doubles. */
const growthPerSecond = 0.02
const cautiousSeconds = 4.5
/** A timer is never on time: what was missed may be made up for. */
const catchUpMs = 20
/** More of all calls are not refused by chance, nor are so many in a row. */
const shareOfChance = 0.08
const rowThatSays = 4
const roomBelowLimit = 0.93
const leastPerSecond = 10
const deepestBrake = 1 / 32

/**
 * How many calls a second a server takes that answers `SlowDown` above a rate. Bounding the calls under way is not enough there: where an
 * answer takes a millisecond, one at a time is a thousand a second.
 *
 * Until the first refusal there is no bound. Where more than one call in twelve is refused, the rate is set once a second to less by half of
 * their share. Four refusals in a row are a limit: the rate becomes a little less than what was answered in the last second, and while nothing
 * but refusals comes back it is halved every tenth of a second, to be whole again with the first answer; a limit by the second lets nothing
 * through for the rest of it. The rate grows by 2 % a second, and
 * doubles each second once nothing has set it anew for four and a half. The faster it comes back, the more is refused.
 */
export class CallRate {
  readonly #answered = new RecentCount()
  readonly #refused = new RecentCount()
  #startedMs: number | undefined
  #target = Infinity
  #targetSetMs = -Infinity
  #brake = 1
  #brakedMs = -Infinity
  #nextMs = 0
  #refusedInARow = 0

  /** How long the next call has to wait, in milliseconds. 0 takes its turn. */
  take(nowMs: number): number {
    this.#startedMs ??= nowMs
    if (this.#target === Infinity) return 0
    this.#nextMs = Math.max(this.#nextMs, nowMs - catchUpMs)
    if (this.#nextMs > nowMs) return this.#nextMs - nowMs
    this.#nextMs += 1000 / this.perSecond(nowMs)
    return 0
  }

  answered(nowMs: number): void {
    this.#answered.add(nowMs)
    this.#refusedInARow = 0
    if (this.#brake === 1) return
    this.#brake = 1
    this.#nextMs = Math.min(this.#nextMs, nowMs)
  }

  refused(nowMs: number): void {
    this.#refused.add(nowMs)
    this.#refusedInARow++
    if (this.#refusedInARow >= rowThatSays) {
      if (nowMs - this.#brakedMs < stepMs) return
      if (this.#brake === 1) this.#set(this.#answered.sum(nowMs, steps) * roomBelowLimit, nowMs)
      this.#brake = Math.max(deepestBrake, this.#brake / 2)
      this.#brakedMs = nowMs
    } else if (nowMs - Math.max(this.#targetSetMs, this.#startedMs ?? nowMs) >= windowMs) {
      const [refused, answered] = [this.#refused.sum(nowMs, steps), this.#answered.sum(nowMs, steps)]
      const share = refused / (refused + answered)
      const asked = this.#target === Infinity ? refused + answered : this.perSecond(nowMs)
      if (share > shareOfChance) this.#set(asked * (1 - share / 2), nowMs)
    }
  }

  /** Calls a second, now. */
  perSecond(nowMs: number): number {
    const seconds = (nowMs - this.#targetSetMs) / 1000
    const doublings = Math.max(0, seconds - cautiousSeconds)
    return this.#target === Infinity
      ? Infinity
      : this.#target * (1 + growthPerSecond * seconds) * 2 ** doublings * this.#brake
  }

  #set(perSecond: number, nowMs: number): void {
    this.#target = Math.max(leastPerSecond, Math.min(perSecond, this.perSecond(nowMs) / this.#brake))
    this.#targetSetMs = nowMs
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
