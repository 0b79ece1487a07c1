import { maskedText } from '../../secrets/masked-text.ts'
import { printable } from './printable.ts'
import { runFacts, unsigned, type EvidenceRun } from './run-facts.ts'
import type { EvidenceFinding, EvidenceReport, EvidenceRow, EvidenceValue } from './report.ts'

export interface PageFacts {
  readonly run: EvidenceRun
  readonly report: EvidenceReport
  readonly signingKey: string | undefined
  /** The first ones. */
  readonly findings: readonly EvidenceFinding[]
  readonly findingCount: number
}

/** The text of `report.md`. */
export function reportPage({ run, report, signingKey, findings, findingCount }: PageFacts): string {
  const signature = signingKey === undefined ? unsigned : `Ed25519, by the key whose SHA-256 is ${signingKey}`
  return [
    '# Verification of CloudTrail logs',
    countText(findingCount),
    '## Run',
    table(
      ['fact', 'value'],
      [...runFacts(run).map(([label, value]) => [words(label), value]), ['signature', signature]],
    ),
    '## Summary',
    table(
      ['fact', 'value'],
      Object.entries(report.summary).map(([name, value]) => [words(name), value]),
    ),
    '## Public keys',
    rowsTable(report.publicKeys),
    '## Chains',
    rowsTable(report.chains),
    '## Findings',
    ...findingsPart(findings, findingCount),
    '## Check this bag',
    'In the folder of the bag, these commands check that its files are unchanged. docs/EVIDENCE.md of crosstrail shows how to check its signature and timestamp.',
    '```sh\nsha256sum --check --quiet tagmanifest-sha256.txt\nsha256sum --check --quiet manifest-sha256.txt\n```',
  ]
    .map((part) => `${part}\n`)
    .join('\n')
}

function countText(findings: number): string {
  if (findings === 0) return 'There are no findings.'
  return findings === 1 ? 'There is one finding.' : `There are ${findings} findings.`
}

function findingsPart(findings: readonly EvidenceFinding[], count: number): string[] {
  const rows = findings.map(({ code, chain, from, until, message }) => ({ code, chain, from, until, message }))
  const rest = count - findings.length
  return [rowsTable(rows), ...(rest > 0 ? [`${rest} more findings are in report.json.`] : [])]
}

function rowsTable(rows: readonly EvidenceRow[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (names.length === 0) return 'None.'
  return table(
    names.map(words),
    rows.map((row) => names.map((name) => row[name])),
  )
}

function table(titles: readonly string[], rows: readonly (readonly EvidenceValue[])[]): string {
  const line = (cells: readonly EvidenceValue[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(titles), `|${' --- |'.repeat(titles.length)}`, ...rows.map(line)].join('\n')
}

/** Keys are the work of whoever wrote to the bucket, so nothing in them may act as markup. */
function cell(value: EvidenceValue): string {
  return printable(maskedText(String(value ?? ''))).replace(/[\\|<>&`*[\]~]/g, String.raw`\$&`)
}

/** `verifiedUntil` and `Run-By` become `verified until` and `run by`. */
function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase()
}
