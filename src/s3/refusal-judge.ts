import { RefusalShare } from './refusal-share.ts'
import { RefusalTrial } from './refusal-trial.ts'
import { Standstill, type Stop } from './standstill.ts'

/**
 * What the last calls say about the rate they are made at.
 *
 * - `slow-down`: more is refused than is refused at any rate. Make fewer calls, and remember how many they were.
 * - `slower`: it was not enough. Make fewer still.
 * - `stopped`: nothing is answered. Make far fewer calls until something is, and remember how many they were.
 * - `stopped-again`: the same soon afterwards.
 * - `still-stopped`: nothing is answered yet, or this comes and goes at any rate.
 * - `helped`: a smaller share is refused now. The server limits the rate: stay slow.
 * - `helped-some`: the same, but it is not known whether still fewer calls would help more. Remember how many they are, and make fewer.
 * - `no-help`: the same share is refused. The rate does not matter: make as many calls as before.
 */
export type Judgement = 'slow-down' | 'slower' | Exclude<Stop, 'in-vain'> | 'helped' | 'helped-some' | 'no-help'

/** Looks are taken at full times of the clock: all threads take them at once, and slow down together. */
const lookEveryMs = 2_000
/** What was found not to help is tried again at such a look, but not before so many times as long as the trial took. */
const looksUntilDoubt = 8
const trialsUntilDoubt = 8
/** Between the looks, this is watched: so many calls, and at least this long. */
const glanceMs = 100
const leastCalls = 20
/** Of the calls that are not refused at any rate, so many are refused by chance. */
const shareOfChance = 0.04
/** So many are not, and no look is waited for. */
const shareOfFlood = 0.5
/** The same, of a server that is known to limit the rate. */
const shareOverLimit = 0.15
/** Above this, nobody can tell refusals at any rate from an outage. */
const mostAtAnyRate = 0.75
/** Standing still for part of a second says little about a share: a guess until it is counted. */
const shareWhenStopped = 0.3

/**
 * Finds out whether slowing down reduces refusals. A server with a limit refuses a smaller share of fewer calls. A server that refuses calls at
 * random, or because of what others do, refuses the same share of them, and slowing down only makes the run longer.
 *
 * Each `slow-down` begins a trial that compares the share of refused calls before and after, and ends with `helped` or `no-help`.
 * What is refused in spite of it becomes the base, and from then on only refusals beyond the base count. It has no clock and does not know the rate.
 */
export class RefusalJudge {
  readonly #standstill = new Standstill()
  /** Undefined until a trial has found one. */
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

  /** The share of calls that was refused before the trial that is under way. */
  get triedShare(): number {
    return this.#trial?.before ?? 0
  }

  /** Calls have ended, one or some. A call that was refused in part counts in parts. */
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
      // A known limit need not be found out anew. The rate is set now, and what was refused before says nothing about it.
      this.#sinceLook = new RefusalShare()
      this.#sinceGlance = new RefusalShare()
    } else this.#try(before, this.base, false, nowMs)
    return isNew ? 'stopped' : 'stopped-again'
  }

  /** Far too many refusals? */
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

  /** The share of calls that is refused when calls do not stand still. */
  #usual(justRefused: number): number {
    if (this.#trial !== undefined) return Math.max(this.#trial.before, this.base)
    if (this.#base !== undefined) return this.#base
    const { calls, refused } = this.#sinceLook
    const row = this.#standstill.inARow - justRefused
    return (Math.max(0, refused - row) + 1) / (Math.max(0, calls - row) + 2)
  }
}
