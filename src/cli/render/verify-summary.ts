import type { EvidenceOutcome, ProofReport, UsedKey, VerifyReport } from '../../verbs/verify/report.ts'
import type { RunReport } from '../../work/run-event.ts'
import type { OutputFormat } from '../options/output.ts'
import { escapeText, safeJson } from './escape.ts'
import { instantText } from './instant.ts'
import { formatCount, formatSeconds } from './quantity.ts'

/** What was verified, what was not, and which public keys prove it. */
export function verifySummary(report: VerifyReport, format: OutputFormat): string[] {
  if (format === 'json') return [safeJson(verifyRecord(report))]
  const lines = proofLines(report, report, report.seconds)
  const { foreign } = report.total.skipped
  if (foreign > 0) lines.push(`${counted(foreign, 'other object')} not read: not named like a log or digest`)
  if (report.evidence !== undefined) lines.push(...evidenceLines(report.evidence))
  if (report.interrupted) lines.push('interrupted: not everything was verified')
  if (report.journalFile !== undefined) lines.push(`journal: ${escapeText(report.journalFile)}`)
  return lines
}

/** The same for a run that verifies and does something else too. */
export function proofLines(report: ProofReport, run: RunReport, seconds?: number): string[] {
  const { digests, logs, findings, keys, deliveredTo } = report
  const count = Object.values(findings).reduce((sum, some) => sum + some, 0)
  const found = formatCount(Object.values(logs).reduce((sum, some) => sum + some, 0))
  const time = seconds === undefined ? '' : ` in ${formatSeconds(seconds)}`
  const lines = [
    `verified ${counted(digests.verified, 'digest')} of ${formatCount(digests.found)} and ${counted(logs.verified, 'log')} of ${found}${time}: ${count > 0 ? counted(count, 'finding') : isWhole(run) ? 'no findings' : 'not finished'}`,
    ...Object.entries(findings).map(([code, some]) => `  ${formatCount(some)} ${code}`),
  ]
  const tell = (some: number, what: string) => {
    if (some > 0) lines.push(`${counted(some, 'log')} ${what}`)
  }
  tell(logs.pending, 'pending: the digest that lists them is not due yet')
  tell(logs.unproven, 'not verified: the digest that should list them is missing or not proven')
  tell(logs.archived, 'archived, and not checked')
  tell(logs.failed, 'could not be read')
  tell(report.severalMembers, 'of several gzip members, whose bytes are right')
  // In a bucket that is a finding.
  const unsigned = digests.unsigned - (findings['verify.signature-missing'] ?? 0)
  if (unsigned > 0) {
    lines.push(
      `${counted(unsigned, 'digest')} not verified: the folder has no signature of it, and no later digest with a copy of it`,
    )
  }
  if (report.moved || Object.keys(deliveredTo).length > 1) {
    const places = Object.entries(deliveredTo).map(
      ([place, some]) => `${escapeText(place)} (${counted(some, 'digest')})`,
    )
    lines.push(`digests record that they were delivered to ${places.join(', ')}`)
  }
  lines.push(...keyLines(keys))
  return lines
}

/** Whether everything was read. Otherwise the lack of findings says nothing. */
function isWhole({ interrupted, error, accounts, total }: RunReport): boolean {
  return (
    !interrupted &&
    error === undefined &&
    total.failed === 0 &&
    accounts.every((account) => account.error === undefined)
  )
}

/** A line for each source, whatever the region. JSON names each key. */
function keyLines(keys: readonly UsedKey[]): string[] {
  const sources = new Map<string, { keys: number; digests: number; readonly regions: Set<string> }>()
  for (const { source, region, digests } of keys) {
    const name = region === undefined ? source : source.replace(` in ${region} `, ' ')
    const counts = sources.get(name) ?? { keys: 0, digests: 0, regions: new Set() }
    sources.set(name, counts)
    counts.keys++
    counts.digests += digests
    if (region !== undefined) counts.regions.add(region)
  }
  return [...sources].map(([source, { keys: count, digests, regions }]) => {
    const of = regions.size === 0 ? '' : ` of ${counted(regions.size, 'region')}`
    return `${counted(count, 'public key')}${of} from ${escapeText(source)} ${count === 1 ? 'proves' : 'prove'} ${counted(digests, 'digest')}`
  })
}

function evidenceLines({ folder, written, signingKey, timestampMs, timestampError }: EvidenceOutcome): string[] {
  if (!written) return [`no evidence was written to ${escapeText(folder)}: the verification is not complete`]
  const lacks = timestampError === undefined ? 'no timestamp' : 'no timestamp, because the authority gave none'
  return [
    `the evidence is in ${escapeText(folder)}`,
    signingKey === undefined ? '  it is unsigned' : `  it is signed with the key whose SHA-256 is ${signingKey}`,
    timestampMs === undefined ? `  it has ${lacks}` : `  it has a timestamp of ${instantText(timestampMs)}`,
  ]
}

function evidenceRecord({ folder, written, signingKey, timestampMs }: EvidenceOutcome): object {
  const timestamp = timestampMs === undefined ? null : instantText(timestampMs)
  return { folder, written, signingKey: signingKey ?? null, timestamp }
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`
}

/** The fields of the summary in JSON. */
export function verifyRecord(report: VerifyReport): Readonly<Record<string, unknown>> {
  return {
    ...proofRecord(report),
    ...(report.evidence === undefined ? {} : { evidence: evidenceRecord(report.evidence) }),
    interrupted: report.interrupted,
  }
}

export function proofRecord(report: ProofReport): Readonly<Record<string, unknown>> {
  const { digests, logs, findings, severalMembers, deliveredTo, moved, keys } = report
  const chains = report.streams.flatMap(({ chains: of, finished }) =>
    of.map(({ chain, verifiedUntilMs, ...counts }) => ({
      ...chain,
      ...counts,
      verifiedUntil: verifiedUntilMs === undefined ? null : instantText(verifiedUntilMs),
      finished,
    })),
  )
  const streams = report.streams.map(({ chains: _chains, ...stream }) => stream)
  return {
    digests,
    logs,
    findings,
    severalMembers,
    deliveredTo,
    moved,
    chains,
    streams,
    keys: keys.map(({ validFromMs, validUntilMs, ...key }) => ({
      ...key,
      validFrom: instantText(validFromMs),
      validUntil: instantText(validUntilMs),
    })),
  }
}
