import { basename, join } from 'node:path'
import { stateFolderName } from '../../disk/local-path.ts'
import { CrosstrailError } from '../../error.ts'
import type { Selection } from '../../work/selection.ts'
import { readCoverage } from './coverage-shape.ts'
import { coverageOf } from './coverage.ts'
import { readListedTimes } from './listed-times.ts'
import type { StreamStatus } from './report.ts'

export interface PullStatusOptions {
  /** The target of the pulls, or its state folder. */
  readonly folder: string
  /** A missing or empty list selects everything. */
  readonly selection?: Partial<Pick<Selection, 'logAccounts' | 'regions' | 'kinds'>> | undefined
}

/** Returns the progress of a target's pulls by log account, kind and region. Throws `coverage.none`, `.damaged` or `.newer`, `disk.…`. */
export function pullStatus({ folder, selection = {} }: PullStatusOptions, nowMs: number): readonly StreamStatus[] {
  const streams = readPullStatus(folder, nowMs)
  if (streams !== undefined) return streams.filter((stream) => isSelected(stream, selection))
  throw new CrosstrailError('coverage.none', `no pull has used ${folder} yet`, {
    hint: 'pass the --to of the pulls, or their --state if they go to a bucket',
    facts: { folder },
  })
}

function isSelected(
  { logAccount, region, kind }: StreamStatus,
  { logAccounts = [], regions = [], kinds = [] }: NonNullable<PullStatusOptions['selection']>,
): boolean {
  const within = <T>(list: readonly T[], value: T) => list.length === 0 || list.includes(value)
  return within(logAccounts, logAccount) && within(regions, region) && within(kinds, kind)
}

function readPullStatus(folder: string, nowMs: number): StreamStatus[] | undefined {
  const stateFolder = basename(folder) === stateFolderName ? folder : join(folder, stateFolderName)
  const body = readCoverage(stateFolder)
  const coverage = body && coverageOf(body, body.trail)
  if (coverage === undefined) return undefined
  const listed = readListedTimes(stateFolder)
  return coverage.streams.map((stream) => ({
    ...stream.status(nowMs),
    lastListedMs: listed.of(stream.name),
    verifiedUntilMs: coverage.verified.of(stream.name),
  }))
}
