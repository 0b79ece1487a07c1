import type { EvidenceFinding, EvidenceReport, EvidenceRow, EvidenceValue } from '../../sinks/evidence/report.ts'
import { formatInstant } from '../../trail/time.ts'
import type { FailedOutcome } from '../../work/outcome.ts'
import { chainText } from './chain-name.ts'
import type { VerifyFinding } from './finding.ts'
import type { VerifyOptions } from './options.ts'
import type { ChainReport, UsedKey, VerifyReport } from './report.ts'

/** What the evidence says in the end: what was verified, with which keys, and what came of it. `where` is the bucket or the folders. */
export function evidenceReport(
  where: string,
  { selection, keysFile, movedFrom }: VerifyOptions,
  report: VerifyReport,
): EvidenceReport {
  const { accounts, logAccounts, regions, kinds, include, exclude, window } = selection
  const { digests, logs, findings, severalMembers, deliveredTo, keys, streams } = report
  return {
    summary: given({
      place: where,
      from: instant(window.fromMs),
      until: instant(window.toMs),
      accounts: list(accounts),
      logAccounts: list(logAccounts),
      regions: list(regions),
      kinds: list(kinds),
      include: list(include),
      exclude: list(exclude),
      movedFrom: list(movedFrom),
      keysFile,
      digestsFound: digests.found,
      digestsVerified: digests.verified,
      digestsUnsigned: digests.unsigned,
      logsVerified: logs.verified,
      logsWrong: logs.wrong,
      logsUnlisted: logs.unlisted,
      logsPending: logs.pending,
      logsUnproven: logs.unproven,
      logsUncovered: logs.uncovered,
      logsArchived: logs.archived,
      logsUnread: logs.failed,
      logsOfSeveralGzipMembers: severalMembers,
      findings: Object.values(findings).reduce((sum, count) => sum + count, 0),
      deliveredTo: list(Object.keys(deliveredTo)),
    }),
    publicKeys: keys.map(keyRow),
    chains: streams.flatMap(({ chains }) => chains.map(chainRow)),
  }
}

export function findingFacts({ code, message, key, chain, startMs, endMs }: VerifyFinding): EvidenceFinding {
  const name = chain === undefined ? undefined : chainText(chain)
  return { code, message, key, chain: name, from: instant(startMs), until: instant(endMs) }
}

/** The same for an object that could not be read. */
export function unreadFacts({ error: { code, message }, object: { key } }: FailedOutcome): EvidenceFinding {
  return { code, message: `${key} could not be read: ${message}`, key }
}

function keyRow({ region, fingerprint, validFromMs, validUntilMs, source, digests }: UsedKey): EvidenceRow {
  const valid = { validFrom: instant(validFromMs), validUntil: instant(validUntilMs) }
  return { region, fingerprint, ...valid, source, digests }
}

function chainRow(report: ChainReport): EvidenceRow {
  const { chain, expected, proven, unsigned, missing, pending, verifiedUntilMs } = report
  return {
    chain: chainText(chain),
    periodsExpected: expected,
    digestsVerified: proven,
    digestsUnsigned: unsigned,
    digestsMissing: missing,
    digestsPending: pending,
    logsVerified: report.logsVerified,
    logsMissing: report.logsMissing,
    logsNotVerified: report.logsNotVerified,
    verifiedUntil: instant(verifiedUntilMs) ?? null,
  }
}

function given(row: EvidenceRow): EvidenceRow {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
}

function list(values: readonly string[]): EvidenceValue {
  return values.length === 0 ? undefined : values.join(', ')
}

function instant(ms: number | undefined): string | undefined {
  return ms === undefined || !Number.isFinite(ms) ? undefined : formatInstant(ms)
}
