import { maskedText } from '../../secrets/masked-text.ts'
import { formatInstant } from '../../trail/time.ts'
import type { PayloadTotals } from './payload.ts'
import { printable } from './printable.ts'
import { type EvidenceRun, runFacts, unsigned } from './run-facts.ts'

/** The same for every bag. */
export const bagDeclaration = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'

export interface BagFacts {
  readonly run: EvidenceRun
  readonly totals: PayloadTotals
  /** The SHA-256 of the public key; undefined if the bag is unsigned. */
  readonly signingKey: string | undefined
  /** What became of the timestamp. */
  readonly timestamp: string
}

/** The text of `bag-info.txt`. */
export function bagInfo({ run, totals, signingKey, timestamp }: BagFacts): string {
  return lines([
    ['Bagging-Date', formatInstant(run.finishedMs).slice(0, 10)],
    ['Bag-Software-Agent', `crosstrail ${run.version}`],
    ['Payload-Oxum', `${totals.bytes}.${totals.files}`],
    ['External-Description', 'Evidence of a verification of CloudTrail logs'],
    ...runFacts(run),
    ...(signingKey === undefined
      ? ([['Signature', unsigned]] as const)
      : ([
          ['Signature', 'Ed25519, in tagmanifest-sha256.txt.sig'],
          ['Signing-Key-SHA256', signingKey],
        ] as const)),
    ['Timestamp', timestamp],
  ])
}

function lines(fields: readonly (readonly [label: string, value: string])[]): string {
  return fields.map(([label, value]) => `${label}: ${printable(maskedText(value))}\n`).join('')
}
