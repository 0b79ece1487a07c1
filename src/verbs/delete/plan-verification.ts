import type { Session } from '../../identity/session.ts'
import type { Selection } from '../../work/selection.ts'
import type { Host } from '../host.ts'
import { selectedStreams } from '../verify/bucket-streams.ts'
import { type BucketVerification, openBucketVerification } from '../verify/bucket-verification.ts'
import type { VerifyFinding } from '../verify/finding.ts'
import type { ProofReport } from '../verify/report.ts'
import { findingsTo, type VerifiedOptions } from '../verify/options.ts'

/**
 * The verifications of a plan: one for the logs, and one for the digests, if they are selected. The second one reads the same digests again, so
 * its findings are told only if the logs were not verified.
 */
export class PlanVerification {
  readonly #options: Pick<VerifiedOptions, 'keysFile' | 'movedFrom' | 'onFinding'>
  readonly #host: Host
  readonly #keysOf: (account: string) => Session
  readonly #opened: BucketVerification[] = []

  constructor(
    options: Pick<VerifiedOptions, 'keysFile' | 'movedFrom' | 'onFinding'>,
    host: Host,
    keysOf: (account: string) => Session,
  ) {
    this.#options = options
    this.#host = host
    this.#keysOf = keysOf
  }

  open(selection: Selection): BucketVerification {
    const { onFinding } = this.#options
    const told = (finding: VerifyFinding) => {
      if (!isGone(finding)) onFinding?.(finding)
    }
    const onResult = this.#opened.length === 0 ? findingsTo(told) : undefined
    const { keysFile, movedFrom } = this.#options
    const options = { keysFile, movedFrom, selection, onResult, streams: selectedStreams(selection) }
    const opened = openBucketVerification(options, this.#host, this.#keysOf)
    this.#opened.push(opened)
    return opened
  }

  proof(): ProofReport | undefined {
    const [first, ...others] = this.#opened.map(({ verification }) => verification.proof())
    if (first === undefined) return undefined
    const findings = { ...first.findings }
    // A digest that was changed between the two.
    for (const other of others) {
      for (const [code, count] of Object.entries(other.findings) as [VerifyFinding['code'], number][]) {
        findings[code] = Math.max(findings[code] ?? 0, count)
      }
    }
    delete findings['verify.log-missing']
    return { ...first, findings }
  }
}

/** A log that a digest lists and that is not there may have been deleted before, by the same command. */
function isGone({ code }: VerifyFinding): boolean {
  return code === 'verify.log-missing'
}
