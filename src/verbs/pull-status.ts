import { basename, join } from 'node:path'
import { readCoverageFile } from '../disk/coverage-file.ts'
import { stateFolderName } from '../disk/local-path.ts'
import { coverageOf, trailOf } from './pull-coverage.ts'
import type { StreamStatus } from './pull-report.ts'

/**
 * How far the pulls to a target have come, in the order of log account, kind and region; undefined where none ever was.
 * `folder`: the target, or its state folder. Throws `coverage.damaged`, `coverage.newer`, `disk.…`.
 */
export function readPullStatus(folder: string, nowMs: number): StreamStatus[] | undefined {
  const stateFolder = basename(folder) === stateFolderName ? folder : join(folder, stateFolderName)
  const value = readCoverageFile(stateFolder)
  if (value === undefined) return undefined
  return coverageOf(value, trailOf(value))?.streams.map((stream) => stream.status(nowMs))
}
