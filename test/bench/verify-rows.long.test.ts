import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fastServerMissing } from '../../scripts/bench/fast-server.ts'
import { verifyRows } from '../../scripts/bench/rows/verify.ts'
import type { Bench } from '../../scripts/bench/section.ts'
import { whyNoValidateLogs } from '../../scripts/bench/validate-logs.ts'
import { describeUnless } from '../describe-unless.ts'

const noTime = existsSync('/usr/bin/time') ? undefined : 'GNU time is not installed'

let folder: string
let bench: Bench
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-verify-'))
  bench = { rounds: 1, divisor: 50, without: [], memory: folder, disk: folder, against: undefined }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// Each row checks that its entrants say that they verified all digests and logs.
const measured = (name: string) => verifyRows.find((row) => row.name === name)?.run(bench)
const toolsOf = async (name: string) => (await measured(name))?.cells.map(([tool]) => tool)

describeUnless(noTime, 'verification of a mirror', () => {
  test('crosstrail and the bare loop read the same logs', async () => {
    expect(await toolsOf('verify-mirror')).toEqual(['crosstrail', 'bare gunzip + SHA-256'])
  })

  test('one thread and two verify it', async () => {
    const { verdicts, cells } = (await measured('verify-threads')) ?? {}
    expect(cells?.map(([tool]) => tool)).toEqual(['--threads 1', '--threads 2'])
    expect(verdicts?.map(({ what }) => what)).toEqual(['2 threads ≥ 1.6 × one'])
  })

  test('the peak of memory is measured for few digests and for many, and the digests are removed', async () => {
    expect((await measured('verify-digests'))?.cells.map(([digests]) => digests)).toEqual(['20', '200', '2,000'])
    expect(readdirSync(folder)).not.toContain('signed-trail')
  })
})

describeUnless(noTime ?? fastServerMissing(), 'verification of the bucket', () => {
  test('crosstrail and the AWS CLI verify all digests and logs', async () => {
    const others = whyNoValidateLogs() === undefined ? ['aws cloudtrail validate-logs'] : []
    expect(await toolsOf('verify-bucket')).toEqual(['crosstrail', ...others])
  })
})
