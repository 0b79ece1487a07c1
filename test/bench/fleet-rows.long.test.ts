import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fastServerMissing } from '../../scripts/bench/fast-server.ts'
import { fleetRows } from '../../scripts/bench/rows/fleet.ts'
import type { Bench } from '../../scripts/bench/section.ts'
import { describeUnless } from '../describe-unless.ts'
import { missingRedis } from '../real/redis/redis-server.ts'

const noTime = existsSync('/usr/bin/time') ? undefined : 'GNU time is not installed'

describeUnless(missingRedis ?? fastServerMissing() ?? noTime, 'the rows of a fleet', () => {
  let folder: string
  let bench: Bench
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-fleet-'))
    bench = { rounds: 1, divisor: 20, without: [], memory: folder, disk: folder, against: undefined }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // Each row checks that all logs are there after each run.
  const measured = async (name: string) => fleetRows.find((row) => row.name === name)?.run(bench)

  test('one worker and four download the same logs', async () => {
    const { cells, verdicts } = (await measured('fleet-workers')) ?? {}
    expect(cells?.map(([workers]) => workers)).toEqual(['1', '4'])
    expect(verdicts?.map(({ what }) => what)).toEqual(['4 workers ≥ 3.6 × one'])
  })

  test('a local run and one worker download the same logs', async () => {
    const { cells } = (await measured('fleet-queue')) ?? {}
    expect(cells?.map(([how]) => how)).toEqual(['local', 'queue, 51 slices'])
  })

  test('the peaks of memory are measured for many keys and for more', async () => {
    const { cells, verdicts } = (await measured('fleet-memory')) ?? {}
    expect(cells?.map(([keys]) => keys)).toEqual(['50,000', '70,000'])
    expect(cells?.flat().some((cell) => cell.includes('NaN'))).toBe(false)
    expect(verdicts?.map(({ what }) => what)).toEqual([
      'peak of a worker: the same for 40 % more keys, within 10 %',
      'peak of the command: the same for 40 % more keys, within 10 %',
      'peak of Redis ≤ 100 MB',
    ])
  })
})
