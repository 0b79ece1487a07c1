import { shellWord } from '../../trail/shell-word.ts'
import { adviceFor, type ReportFindingCode } from './advice.ts'
import type { ReportFinding } from './figures.ts'
import type { ReportOptions } from './options.ts'

/** Returns the command that shows more about a finding, if there is one. It runs as it is. */
export function findingCommand(
  code: ReportFindingCode,
  place: Pick<ReportFinding, 'logAccount' | 'region' | 'from' | 'until'>,
  { dirs, keysFile, movedFrom }: Pick<ReportOptions, 'dirs' | 'keysFile' | 'movedFrom'>,
): string | undefined {
  const { shows } = adviceFor(code)
  if (shows === undefined) return undefined
  const isBucket = dirs.length === 0
  // A folder can only be verified, and needs keys for that.
  if (!isBucket && (shows === 'list' || keysFile === undefined)) return undefined
  const options: readonly (readonly [name: string, value: string | undefined])[] = [
    ...dirs.map((dir) => ['--dir', dir] as const),
    ...(shows === 'verify'
      ? [['--keys', keysFile] as const, ...movedFrom.map((url) => ['--moved-from', url] as const)]
      : []),
    ['--log-account', place.logAccount],
    ['--region', place.region],
    ['--from', place.from],
    ['--until', place.until],
  ]
  const words = options.flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
  return ['crosstrail', shows, ...words].map(shellWord).join(' ')
}
