import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allRows } from '../../scripts/bench/all-rows.ts'
import { fastServerMissing } from '../../scripts/bench/fast-server.ts'
import { slowPeers } from '../../scripts/bench/peers.ts'
import type { Bench, Section } from '../../scripts/bench/section.ts'
import { describeUnless } from '../describe-unless.ts'

const missing = fastServerMissing() ?? (existsSync('/usr/bin/time') ? undefined : 'GNU time is not installed')

describeUnless(missing, 'the bare loop', () => {
  let folder: string
  let bench: Bench
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-bare-loop-'))
    bench = { rounds: 1, divisor: 100, without: slowPeers, memory: folder, disk: folder, against: undefined }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // Each row checks that its entrants leave every log in their folder.
  const measured = async (name: string): Promise<Section | undefined> =>
    allRows.find((row) => row.name === name)?.run(bench)

  test.each([['floor'], ['https-floor']])('downloads all logs in the row %s', async (name) => {
    expect((await measured(name))?.cells.map(([tool]) => tool)).toEqual(
      expect.arrayContaining(['bare loop', 'crosstrail']),
    )
  })

  test('downloads all logs from a server that refuses calls at random', async () => {
    const { cells, verdicts } = (await measured('pacing-random')) ?? {}
    const shares = ['5 %', '15 %', '30 %']
    expect(cells?.map(([share, tool]) => [share, tool])).toEqual(
      shares.flatMap((share) => ['crosstrail', 'plain loop'].map((tool) => [share, tool])),
    )
    expect(verdicts?.map(({ what }) => what)).toEqual(
      shares.map((share) => `at ${share} refused: wall ≤ 1.5 × plain loop`),
    )
  })
})
