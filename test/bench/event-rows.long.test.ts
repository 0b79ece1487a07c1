import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fastServerMissing } from '../../scripts/bench/fast-server.ts'
import { eventDatasetRows } from '../../scripts/bench/rows/event-datasets.ts'
import { eventRows } from '../../scripts/bench/rows/events.ts'
import type { Bench, Section } from '../../scripts/bench/section.ts'
import { isInstalled } from '../../scripts/bench/tools.ts'
import { describeUnless } from '../describe-unless.ts'

const noTime = existsSync('/usr/bin/time') ? undefined : 'GNU time is not installed'

let folder: string
let bench: Bench
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-events-'))
  bench = { rounds: 1, divisor: 100, without: [], memory: folder, disk: folder, against: undefined }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// Each row checks that its entrants print as many records as there are.
const measured = async (name: string): Promise<Section | undefined> =>
  [...eventRows, ...eventDatasetRows].find((row) => row.name === name)?.run(bench)
const toolsOf = async (name: string) => (await measured(name))?.cells.map(([tool]) => tool)

describeUnless(noTime, 'searches of a folder', () => {
  test('every tool finds the rare event', async () => {
    expect(await toolsOf('events-rare')).toEqual([
      'crosstrail',
      'bare gunzip',
      ...['grep -c', 'grep -o', 'tr + grep -c', ...(isInstalled('jq') ? ['jq'] : [])].map((name) => `zcat + ${name}`),
    ])
  })

  test('one thread and two find the rare event', async () => {
    const { verdicts, cells } = (await measured('events-threads')) ?? {}
    expect(cells?.map(([tool]) => tool)).toEqual(['--threads 1', '--threads 2'])
    expect(verdicts?.map(({ what }) => what)).toEqual(['2 threads ≥ 1.6 × one'])
  })

  test('every record becomes a line of CSV', async () => {
    expect(await toolsOf('events-csv')).toEqual(['crosstrail', 'bare gunzip + JSON.parse'])
  })

  test('records become a Parquet dataset, and SQL counts them', async () => {
    expect((await measured('events-parquet'))?.verdicts?.map(({ what }) => what)).toEqual([
      'records for each CPU second ≥ 20,000',
      'peak ≤ 1,000 MB',
    ])
    expect((await measured('events-sql'))?.verdicts?.map(({ what }) => what)).toEqual(['wall ≤ 0.7 s'])
  })

  test('the peak of memory is measured for few records and for many', async () => {
    const { cells } = (await measured('events-memory')) ?? {}
    expect(cells?.map(([threads, records]) => [threads, records])).toEqual(
      ['1', '2'].flatMap((threads) => ['106', '1,007', '10,017'].map((records) => [threads, records])),
    )
  })
})

describeUnless(noTime ?? fastServerMissing(), 'searches of the bucket', () => {
  test('a rare name and every record are found in it', async () => {
    const { verdicts } = (await measured('events-bucket')) ?? {}
    expect(verdicts?.map(({ what }) => what)).toEqual([
      'wall ≤ 1.3 × crosstrail download',
      'every record: CPU ≤ 1.2 × that of crosstrail download and of bare gunzip + JSON.parse together',
    ])
  })
})
