import { hourMs } from '../../trail/calendar.ts'
import { checkDigest, type CheckedDigest, type DigestRules, noClaims, type ReadDigest } from './check-digest.ts'
import { fileName, stampOfName } from './digest-name.ts'

/** No successor is expected so long after a digest. */
const longestWaitMs = 3 * hourMs

interface Waiting {
  readonly read: ReadDigest
  readonly signatures: string[]
  isSkipped: boolean
}

/**
 * The digests of one chain that are not checked yet. A digest whose signature was not kept waits for the digest that names it as its
 * predecessor and has a copy. The digests after it wait too, because a chain is checked in order.
 */
export class WaitingDigests {
  readonly #rules: DigestRules
  readonly #give: (checked: CheckedDigest) => void
  readonly #waiting: Waiting[] = []

  constructor(rules: DigestRules, give: (checked: CheckedDigest) => void) {
    this.#rules = rules
    this.#give = give
  }

  /** All digests before this instant were checked. */
  get sinceMs(): number {
    return this.#waiting[0]?.read.parts.deliveredAtMs ?? Infinity
  }

  add(read: ReadDigest): void {
    const previous = read.digest?.previous
    if (previous !== undefined) for (const waiting of this.#waiting) noteClaim(waiting, previous)
    this.#waiting.push({ read, signatures: [], isSkipped: false })
    this.release(read.parts.deliveredAtMs)
  }

  /** Gives the digests that need not wait, once all digests up to an instant are known. */
  release(untilMs: number): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const checked = check(first, this.#rules, untilMs)
      if (checked === undefined) return
      this.#waiting.shift()
      this.#give(checked)
    }
  }
}

function noteClaim(waiting: Waiting, previous: { readonly key: string; readonly signature: string }): void {
  const { key, parts } = waiting.read
  const stamp = stampOfName(previous.key)
  if (fileName(previous.key) === fileName(key)) waiting.signatures.push(previous.signature)
  else if (stamp !== undefined && stamp <= parts.deliveredAtMs) waiting.isSkipped = true
}

/** Returns undefined if it must wait. */
function check(
  { read, signatures, isSkipped }: Waiting,
  rules: DigestRules,
  untilMs: number,
): CheckedDigest | undefined {
  if (read.signature !== undefined || read.digest === undefined) return checkDigest(read, rules, noClaims)
  const isOverdue = read.parts.deliveredAtMs + longestWaitMs < untilMs
  if (isOverdue) return checkDigest(read, rules, { signatures, isSkipped })
  if (signatures.length === 0) return undefined
  const checked = checkDigest(read, rules, { signatures, isSkipped: false })
  return checked.state === 'proven' ? checked : undefined
}
