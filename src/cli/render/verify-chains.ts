import type { ChainReport, StreamReport, VerifyReport } from '../../verbs/verify/report.ts'
import { instantText } from './instant.ts'
import { formatCount } from './quantity.ts'
import { type Column, textTable } from './text-table.ts'

const columns: readonly Column[] = [
  { title: 'LOG ACCOUNT' },
  { title: 'REGION' },
  { title: 'TRAIL' },
  { title: 'PERIODS', align: 'right' },
  { title: 'DIGESTS', align: 'right' },
  { title: 'LOGS', align: 'right' },
  { title: 'MISSING', align: 'right' },
  { title: 'UNLISTED', align: 'right' },
  { title: 'PENDING', align: 'right' },
  { title: 'VERIFIED UNTIL' },
]

/** A row for each chain: how many periods were expected, and how many digests and logs of it were verified. */
export function chainTable({ streams }: VerifyReport, width?: number): string[] {
  const rows = streams.flatMap(streamRows)
  return rows.length === 0 ? [] : textTable(columns, rows, width)
}

/** Only digests tell the logs of two trails apart. So the logs that none lists are in a row of their own, unless there is one trail. */
function streamRows(stream: StreamReport): string[][] {
  const { logAccount, region, chains, unlisted, pending, unproven, uncovered } = stream
  const standard = chains.filter(({ chain }) => !chain.backfill)
  const only = standard.length === 1 ? standard[0] : undefined
  const rows = chains.map((chain) => chainRow(chain, chain === only ? stream : undefined))
  if (only !== undefined || unlisted + pending + unproven + uncovered === 0) return rows
  return [
    ...rows,
    [
      logAccount,
      region,
      chains.length === 0 ? '(no digests)' : '(any trail)',
      '-',
      '-',
      '-',
      '-',
      formatCount(unlisted),
      formatCount(pending),
      '-',
    ],
  ]
}

function chainRow(chain: ChainReport, stream: StreamReport | undefined): string[] {
  const { logAccount, region, trailName, homeRegion, backfill } = chain.chain
  const { expected, proven, missing, pending, logsVerified, logsMissing, verifiedUntilMs } = chain
  const home = homeRegion === region ? '' : ` (${homeRegion})`
  return [
    logAccount,
    region,
    `${trailName}${home}${backfill ? ', backfill' : ''}`,
    formatCount(expected),
    formatCount(proven),
    formatCount(logsVerified),
    formatCount(missing + logsMissing),
    stream === undefined ? '-' : formatCount(stream.unlisted),
    formatCount(pending + (stream?.pending ?? 0)),
    verifiedUntilMs === undefined ? '-' : instantText(verifiedUntilMs),
  ]
}
