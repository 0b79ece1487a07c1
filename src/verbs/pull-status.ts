import { basename, join } from 'node:path'
import { stateFolderName } from '../disk/local-path.ts'
import { readCoverage } from './coverage-shape.ts'
import { coverageOf } from './pull-coverage.ts'
import type { StreamStatus } from './pull-report.ts'

/**
 * How far the pulls to a target have come, in the order of log account, kind and region; undefined where none ever was.
 * `folder`: the target, or its state folder. Throws `coverage.damaged`, `coverage.newer`, `disk.…`.
 */
export function readPullStatus(folder: string, nowMs: number): StreamStatus[] | undefined {
  const stateFolder = basename(folder) === stateFolderName ? folder : join(folder, stateFolderName)
  const body = readCoverage(stateFolder)
  return body && coverageOf(body, body.trail)?.streams.map((stream) => stream.status(nowMs))
}
