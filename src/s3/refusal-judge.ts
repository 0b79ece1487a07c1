import { RefusalShare } from './refusal-share.ts'
import { RefusalTrial } from './refusal-trial.ts'
import { Standstill, type Stop } from './standstill.ts'

/**
 * What the last calls show about their rate.
 *
 * - `slow-down`: more calls are refused than the base. Save the present rate and lower it.
 * - `slower`: that was not enough. Lower the rate further.
 * - `stopped`: nothing is answered. Save the present rate and lower it strongly until a call is answered.
 * - `stopped-again`: the same soon afterwards.
 * - `still-stopped`: nothing is answered yet, or such stops happen at any rate.
 * - `helped`: a smaller share is refused now. The server limits the rate: stay slow.
 * - `helped-some`: the same, but a still lower rate may help more. Save the present rate and lower it.
 * - `no-help`: the same share is refused. The rate does not matter: return to the saved one.
 */
export type Judgement = 'slow-down' | 'slower' | Exclude<Stop, 'in-vain'> | 'helped' | 'helped-some' | 'no-help'

/** Counts are evaluated at full intervals of the clock, so that all threads do so at once and slow down together. */
const lookEveryMs = 2_000
/** A slow-down that did not help is tried again at every eighth evaluation, but only after eight times the duration of its trial. */
const looksUntilDoubt = 8
const trialsUntilDoubt = 8
/** Between evaluations, a shorter check runs after this many calls and at least this long. */
const glanceMs = 100
const leastCalls = 20
/** Of the calls above the base, this share may be refused by chance. */
const shareOfChance = 0.04
/** A share too high for chance: it does not wait for the next evaluation. */
const shareOfFlood = 0.5
/** The same for a server that is known to limit the rate. */
const shareOverLimit = 0.15
/** Above this share, refusals at any rate cannot be distinguished from an outage. */
const mostAtAnyRate = 0.75
/** A stop for part of a second says little about the share, so this is a guess until it is counted. */
const shareWhenStopped = 0.3

/**
 * Finds out whether slowing down reduces refusals. A server with a rate limit refuses a smaller share of fewer calls. A server that refuses
 * calls at random, or because of other clients, refuses the same share of them, and slowing down only makes the run longer.
 *
 * Each `slow-down` starts a trial that compares the share of refused calls before and after, and ends with `helped` or `no-help`.
 * The share that is still refused becomes the base. From then on only refusals above the base count. It has no clock and does not know the rate.
 */
export class RefusalJudge {
  readonly #standstill = new Standstill()
  /** Undefined until a trial has found a base. */
  #base: number | undefined
  #trial: RefusalTrial | undefined
  #isLimited = false
  #sinceLook = new RefusalShare()
  #sinceGlance = new RefusalShare()
  #look: number | undefined
  #glancedMs = 0
  #triedMs = 0
  #doubtsFromMs = 0

  /** The share of calls that is refused at any rate, 0 to 1. */
  get base(): number {
    return this.#base ?? 0
  }

  /** The share of calls that was refused before the running trial. */
  get triedShare(): number {
    return this.#trial?.before ?? 0
  }

  /** Counts one or more calls that have ended. A call that was refused in part counts in parts. */
  add(answered: number, refused: number, nowMs: number): Judgement | undefined {
    const stop = this.#standstill.add(answered, refused, nowMs, () => this.#usual(refused))
    if (stop !== undefined) return this.#stop(stop, nowMs)
    this.#sinceLook.add(answered, refused)
    this.#sinceGlance.add(answered, refused)
    const glanced = this.#glance(nowMs)
    if (glanced !== undefined) return glanced
    const trial = this.#trial
    if (trial === undefined) return this.#takeLook(nowMs)
    return this.#judge(trial, trial.add(answered, refused, nowMs), nowMs)
  }

  #stop(stop: Stop, nowMs: number): Judgement {
    if (stop === 'still-stopped') return stop
    if (stop === 'in-vain') {
      this.#conclude(false, nowMs)
      return 'no-help'
    }
    const isNew = this.#trial === undefined && stop === 'stopped'
    const before = Math.max(this.#sinceLook.value, this.#trial?.before ?? shareWhenStopped)
    if (this.#isLimited) {
      // A known limit needs no new trial. The rate is set now, and earlier refusals say nothing about it.
      this.#sinceLook = new RefusalShare()
      this.#sinceGlance = new RefusalShare()
    } else this.#try(before, this.base, false, nowMs)
    return isNew ? 'stopped' : 'stopped-again'
  }

  /** Checks for a share of refusals that is far too high. */
  #glance(nowMs: number): Judgement | undefined {
    const glance = this.#sinceGlance
    if (glance.calls < leastCalls || nowMs - this.#glancedMs < glanceMs) return undefined
    this.#glancedMs = nowMs
    this.#sinceGlance = new RefusalShare()
    const usual = Math.max(this.base, this.#trial?.before ?? 0)
    if (!glance.isBeyond(usual, this.#isLimited ? shareOverLimit : shareOfFlood)) return undefined
    return this.#try(glance.value, this.base, false, nowMs)
  }

  #takeLook(nowMs: number): Judgement | undefined {
    const look = Math.floor(nowMs / lookEveryMs)
    this.#look ??= look
    const seen = this.#sinceLook
    if (look === this.#look || seen.calls < leastCalls) return undefined
    this.#look = look
    this.#sinceLook = new RefusalShare()
    if (seen.isBeyond(this.base, shareOfChance)) return this.#try(seen.value, this.base, true, nowMs)
    if (this.#base === undefined) return undefined
    if (seen.value < this.#base) this.#base += (seen.value - this.#base) * 0.3
    if (look % looksUntilDoubt !== 0 || nowMs < this.#doubtsFromMs || !seen.isBeyond(0, shareOfChance)) return undefined
    return this.#try(seen.value, 0, true, nowMs)
  }

  #try(before: number, base: number, isSure: boolean, nowMs: number): 'slow-down' | 'slower' {
    const isNew = this.#trial === undefined
    if (isNew) this.#triedMs = nowMs
    this.#trial = new RefusalTrial({ before, base, isSure, nowMs })
    return isNew ? 'slow-down' : 'slower'
  }

  #judge(trial: RefusalTrial, result: ReturnType<RefusalTrial['add']>, nowMs: number): Judgement | undefined {
    const { before, base, share, isSure } = trial
    switch (result) {
      case undefined:
        return undefined
      case 'same':
        if (!isSure || share.isBeyond(before, 0) || share.value > mostAtAnyRate) {
          return this.#try(share.value, this.base, true, nowMs)
        }
        this.#base = Math.max(before, share.value)
        this.#conclude(false, nowMs)
        return 'no-help'
      case 'fallen':
        this.#isLimited = true
        if (share.isBeyond(base, shareOfChance)) {
          this.#try(share.value, 0, true, nowMs)
          return 'helped-some'
        }
        this.#base = Math.min(base, share.most)
        this.#conclude(true, nowMs)
        return 'helped'
    }
  }

  #conclude(isLimited: boolean, nowMs: number): void {
    this.#isLimited = isLimited
    this.#doubtsFromMs = nowMs + (nowMs - this.#triedMs) * trialsUntilDoubt
    this.#trial = undefined
    this.#sinceLook = new RefusalShare()
    this.#sinceGlance = new RefusalShare()
    this.#look = Math.floor(nowMs / lookEveryMs)
  }

  /** The usual share of refused calls, outside of a standstill. */
  #usual(justRefused: number): number {
    if (this.#trial !== undefined) return Math.max(this.#trial.before, this.base)
    if (this.#base !== undefined) return this.#base
    const { calls, refused } = this.#sinceLook
    const row = this.#standstill.inARow - justRefused
    return (Math.max(0, refused - row) + 1) / (Math.max(0, calls - row) + 2)
  }
}
