import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Coverage } from '../../../src/verbs/pull/coverage.ts'
import { PullProgress } from '../../../src/verbs/pull/coverage-progress.ts'

const progressWith = (flushMs: number, saveMs: number) =>
  new PullProgress({
    coverage: new Coverage({ bucket: 'logs', prefix: '' }, 0),
    rules: { sinceMs: 0, lookBackMs: 0, sweepMs: 0 },
    flush: () => sleep(flushMs),
    save: () => sleep(saveMs),
    committed: () => undefined,
    objectsPerCommit: 1,
    nowMs: Date.now,
    onFuture: () => undefined,
  })

test('the cost of a commit is that of writing the coverage, not the wait for logs to be durable', async () => {
  const slowDisk = progressWith(500, 0)
  expect(slowDisk.saveMs).toBe(0)
  await slowDisk.commit(true)
  expect(slowDisk.saveMs).toBeLessThan(400)

  const largeCoverage = progressWith(0, 500)
  await largeCoverage.commit(true)
  expect(largeCoverage.saveMs).toBeGreaterThan(400)
})
