import { accountsByLabel } from '../../config/account-labels.ts'
import type { Config } from '../../config/config.ts'
import { version } from '../../config/own-version.ts'
import { hourMs } from '../../trail/calendar.ts'
import { kinds } from '../../trail/kind.ts'
import { formatInstant } from '../../trail/time.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { chainText } from '../verify/chain-name.ts'
import type { ChainReport, UsedKey, VerifyReport } from '../verify/report.ts'
import { graceMs } from '../verify/stream-rules.ts'
import type { Collector } from './collector.ts'
import {
  type BucketProtectionFigures,
  type ChainIntegrity,
  type EventFigures,
  figuresVersion,
  type KeyUse,
  type KindTotal,
  type ReportFigures,
  type ReportScope,
  type RunMade,
  type Unchecked,
} from './figures.ts'
import { heatMap, type MapSpan } from './heat-map.ts'
import type { ReportOptions } from './options.ts'

export interface Gathered {
  readonly options: ReportOptions
  readonly read: VerifyReport
  readonly collector: Collector
  readonly unchecked: readonly Unchecked[]
  readonly protection: BucketProtectionFigures | undefined
  readonly runs: readonly RunMade[]
  readonly events: EventFigures | undefined
  readonly interrupted: boolean
}

/** The time that a report covers. If a window of folders is open, it begins with the first thing in them. */
export function spanOf({ options, collector }: Pick<Gathered, 'options' | 'collector'>, nowMs: number): MapSpan {
  const { fromMs, toMs = nowMs } = options.selection.window
  const first = Math.min(...collector.streams.map(({ days }) => days.firstMs), toMs)
  // A period is an hour, and its digest may come two hours after it.
  return { fromMs: fromMs ?? first, toMs, dueMs: nowMs - graceMs - hourMs }
}

/** What the figures say of the run. Without a config they are about folders. */
export interface ReportFacts {
  readonly nowMs: number
  readonly config: Config | undefined
}

export function figuresOf(gathered: Gathered, facts: ReportFacts, span: MapSpan): ReportFigures {
  const { options, read, collector, unchecked, protection, runs, events, interrupted } = gathered
  const { streams, findings } = collector
  const isWhole = unchecked.length === 0 && !interrupted
  const ends = streams.flatMap((stream) => stream.ends())
  const totals = kinds.flatMap((kind): KindTotal[] => {
    const of = ends.filter((end) => end.kind === kind)
    const objects = of.reduce((sum, end) => sum + end.objects, 0)
    return objects === 0 ? [] : [{ kind, objects, bytes: of.reduce((sum, end) => sum + end.bytes, 0) }]
  })
  return {
    report: 'crosstrail',
    version: figuresVersion,
    crosstrail: version(),
    generated: formatInstant(facts.nowMs),
    scope: scopeOf(options, facts.config, span, {
      logAccounts: [...new Set(streams.map(({ logAccount }) => logAccount))],
      regions: [...new Set(streams.map(({ region }) => region))].toSorted(),
      kinds: totals.map(({ kind }) => kind),
    }),
    verdict: !isWhole ? 'partial' : findings.first.length > 0 ? 'findings' : 'complete',
    interrupted,
    unchecked,
    findings: findings.first,
    findingCounts: findings.counts,
    map: heatMap(streams, span),
    totals,
    months: collector.months(),
    delay: collector.delays.figures(),
    streams: ends,
    chains: read.streams.flatMap((stream) => stream.chains.map((chain) => chainFigures(chain, collector))),
    keys: read.keys.map(keyFigures),
    protection,
    runs,
    events,
  }
}

function scopeOf(
  { dirs, selection, keysFile, verify }: ReportOptions,
  config: Config | undefined,
  { fromMs, toMs }: MapSpan,
  found: Pick<ReportScope, 'logAccounts' | 'regions' | 'kinds'>,
): ReportScope {
  const { logAccounts, regions, kinds: selectedKinds } = selection
  const checks = verify ? 'logs' : 'digests'
  return {
    source: config === undefined ? { type: 'folders', dirs } : bucketSource(config),
    accounts:
      config === undefined
        ? []
        : accountsByLabel(config, selection.accounts).map(({ label, role }) => ({ label, role })),
    ...found,
    selected: { logAccounts, regions, kinds: selectedKinds },
    from: formatInstant(fromMs),
    until: formatInstant(toMs),
    integrity: config !== undefined || keysFile !== undefined ? checks : 'none',
  }
}

function bucketSource({ trail }: Config): ReportScope['source'] {
  const { bucket, owner, region, prefix, organization } = trail
  return { type: 'bucket', bucket, owner, region, prefix, organization }
}

function chainFigures(report: ChainReport, collector: Collector): ChainIntegrity {
  const { chain, expected, proven, unsigned, missing, pending, logsMissing, logsVerified, verifiedUntilMs } = report
  return {
    logAccount: chain.logAccount as AccountId,
    region: chain.region,
    trail: chain.backfill ? `${chain.trailName} (backfill)` : chain.trailName,
    digestsExpected: expected,
    digestsProven: proven,
    digestsUnsigned: unsigned,
    digestsMissing: missing,
    digestsPending: pending,
    logsListed: collector.listedOf(chainText(chain)) + logsMissing,
    logsMissing,
    logsVerified,
    provenUntil: verifiedUntilMs === undefined ? undefined : formatInstant(verifiedUntilMs),
  }
}

function keyFigures({ fingerprint, region, validFromMs, validUntilMs, source, digests }: UsedKey): KeyUse {
  return {
    fingerprint,
    region,
    validFrom: formatInstant(validFromMs),
    validUntil: formatInstant(validUntilMs),
    source,
    digests,
  }
}
