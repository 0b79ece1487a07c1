import type { Result, Results } from './results.ts'
import { markdownTable } from './section-markdown.ts'
import { showDuration, showMagnitude } from './statistics.ts'

interface Work {
  readonly row: string
  readonly what: string
}

const works: readonly Work[] = [
  { row: 'https-download', what: 'download 20,000 logs' },
  { row: 'https-download-30ms', what: 'download 20,000 logs, 30 ms of latency' },
  { row: 'https-proxy', what: 'download 20,000 logs through a proxy' },
  { row: 'https-small', what: 'download 1,000 logs' },
  { row: 'https-small-30ms', what: 'download 1,000 logs, 30 ms of latency' },
  { row: 'https-start-up', what: 'download 20 logs' },
  { row: 'https-list', what: 'list 20,000 logs' },
  { row: 'https-list-many', what: 'list 1,000,000 logs' },
]

const columns = { crosstrail: 'crosstrail', rclone: 'rclone', s5cmd: 's5cmd', 'aws s3': 'AWS CLI' } as const

/** Each tool's wall and CPU seconds for common tasks over HTTPS. Tasks and tools that were not measured are omitted. */
export function headline(results: Results): string {
  const measured = works.flatMap(({ row, what }) => {
    const result = results[row]
    return result === undefined ? [] : [{ what, result }]
  })
  if (measured.length === 0) return 'Not measured yet: `npm run bench -- --save`.'
  const tools = Object.entries(columns).filter(([tool]) => measured.some(({ result }) => barOf(result, tool)))
  const table = markdownTable(
    ['', ...tools.map(([, label]) => label), "crosstrail's wall to rclone's"],
    measured.map(({ what, result }) => [
      what,
      ...tools.map(([tool]) => {
        const bar = barOf(result, tool)
        return bar === undefined ? '–' : `${showMagnitude(bar.wallSeconds)} s (${showMagnitude(bar.cpuSeconds)})`
      }),
      barOf(result, 'rclone')?.wallRatio.toFixed(2) ?? '–',
    ]),
  )
  const circumstances = new Set(measured.map(({ result }) => circumstancesOf(result)))
  return [table, ...[...circumstances].map((text) => `<sub>${text}</sub>`)].join('\n\n')
}

/** The time for a thousand, a million and a billion logs. Figures that were not measured are multiples of measured ones, and marked with `≈`. */
export function expectations(results: Results): string {
  const few = { near: secondsOf(results, 'https-small'), far: secondsOf(results, 'https-small-30ms') }
  const many = { near: secondsOf(results, 'https-download'), far: secondsOf(results, 'https-download-30ms') }
  const listed = { few: secondsOf(results, 'https-list'), many: secondsOf(results, 'https-list-many') }
  const growth = results['https-growth']?.section.growth
  const manyPeak = growth?.find(({ objects }) => objects === 1_000_000)?.peakMegabytes
  const peakIn = (row: string) => megabytes(results[row]?.section.peaks?.['crosstrail']?.median)
  const measured = (seconds: number | undefined) => (seconds === undefined ? '–' : showDuration(seconds))
  const times = (seconds: number | undefined, factor: number) =>
    seconds === undefined ? '–' : `≈ ${showDuration(seconds * factor)}`
  return markdownTable(
    ['logs', 'list', 'download, S3 near', 'download, 30 ms away', 'peak memory'],
    [
      ['1,000', '–', measured(few.near), measured(few.far), peakIn('https-small')],
      ['20,000', measured(listed.few), measured(many.near), measured(many.far), peakIn('https-download')],
      ['1,000,000', measured(listed.many), times(many.near, 50), times(many.far, 50), megabytes(manyPeak)],
      [
        '1,000,000,000',
        times(listed.many, 1_000),
        times(many.near, 50_000),
        times(many.far, 50_000),
        manyPeak === undefined ? '–' : 'the same',
      ],
    ],
  )
}

/** When and with what a result was measured. */
export function circumstancesOf({ about: { date, rounds, machine, versions } }: Result): string {
  return `${date}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${machine}; ${versions}.`
}

function megabytes(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(0)} MB`
}

function barOf({ section }: Result, tool: string) {
  return section.bars?.find(({ name }) => name === tool)
}

function secondsOf(results: Results, row: string): number | undefined {
  const result = results[row]
  return result && barOf(result, 'crosstrail')?.wallSeconds
}
