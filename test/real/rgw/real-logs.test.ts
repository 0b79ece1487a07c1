import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { realLogs, rehome, sampleLogs } from './real-logs.ts'

const logs = realLogs()
if (logs === undefined) process.stderr.write('skipped: the published logs (not at hand)\n')

describe.skipIf(logs === undefined)('the published logs', () => {
  it("have CloudTrail's keys", () => {
    expect([...(logs?.keys() ?? [])]).toContain(
      'AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/218007301253_CloudTrail_us-east-1_20230710T1145Z_7xgocspSowgK0Gto.json.gz',
    )
    expect(logs?.size).toBe(28)
  })
})

describe('CROSSTRAIL_REAL_LOGS', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('replaces the published logs by invented ones if it is none', () => {
    vi.stubEnv('CROSSTRAIL_REAL_LOGS', 'none')
    expect(realLogs()).toBeUndefined()
    expect(sampleLogs().size).toBe(28)
  })

  it('is refused if its folder has no logs', () => {
    vi.stubEnv('CROSSTRAIL_REAL_LOGS', tmpdir())
    expect(() => sampleLogs()).toThrow(`no logs in ${tmpdir()}`)
  })
})

describe('a log moved to another account', () => {
  const body = Buffer.from('log')
  const key = (id: string) =>
    `AWSLogs/${id}/CloudTrail/us-east-1/2023/07/10/${id}_CloudTrail_us-east-1_20230710T1145Z_7x.json.gz`

  it('has its id in the folder and in the file name, and the same bytes', () => {
    expect(rehome(new Map([[key('218007301253'), body]]), '022222222222')).toEqual(
      new Map([[key('022222222222'), body]]),
    )
  })
})
