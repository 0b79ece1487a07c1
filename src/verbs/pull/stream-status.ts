import { basename, join } from 'node:path'
import { stateFolderName } from '../../disk/local-path.ts'
import { readCoverage } from './coverage-shape.ts'
import { coverageOf } from './coverage.ts'
import { readListedTimes } from './listed-times.ts'
import type { StreamStatus } from './report.ts'

/**
 * How far the pulls to a target have come, in the order of log account, kind and region; undefined where none ever was.
 * `folder`: the target, or its state folder. Throws `coverage.damaged`, `coverage.newer`, `disk.…`.
 */
export function readPullStatus(folder: string, nowMs: number): StreamStatus[] | undefined {
  const stateFolder = basename(folder) === stateFolderName ? folder : join(folder, stateFolderName)
  const body = readCoverage(stateFolder)
  const coverage = body && coverageOf(body, body.trail)
  if (coverage === undefined) return undefined
  const listed = readListedTimes(stateFolder)
  return coverage.streams.map((stream) => ({ ...stream.status(nowMs), lastListedMs: listed.of(stream.name) }))
}
