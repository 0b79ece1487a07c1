import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ThreadJob } from '../../src/app/thread.ts'
import { CallTally } from '../../src/s3/call-tally.ts'
import { Limits } from '../../src/work/limits.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import { startThreadHelper } from '../../src/work/thread-helper.ts'
import { labBucket } from '../../src/lab/fixture.ts'
import { logObject } from '../work/log-object.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, storedLogs } from './support/stored-logs.ts'
import { leftovers, treeOf } from './support/tree.ts'

let world: LabWorld

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60 } })
})
afterAll(() => world.stop())

/** The shipped program of a thread, which gets every log from the test. */
async function fetchAll(act: { readonly afterHanding?: (stop: AbortController) => void } = {}) {
  const logs = storedLogs(world.lab)
  const to = world.newPath()
  const { endpoint, principals } = world.lab
  const region = 'us-east-1'
  const owner = '111111111111' as AccountId
  const job: ThreadJob = {
    job: {
      verb: 'download',
      folder: { root: to, layout: 'key', decompress: false, overwrite: false, dryRun: false, maxInflatedBytes: 1e9 },
    },
    shared: { limits: new Limits({}).shared, tally: new CallTally().shared },
    buckets: {
      trail: { bucket: labBucket, owner, region, requesterPays: false },
      env: {},
      maxConcurrency: 4,
      stallTimeoutMs: undefined,
      maxAttempts: undefined,
      endpoint: { origin: endpoint, host: new URL(endpoint).host, pathPrefix: `/${labBucket}`, region },
    },
    maxTasks: 4,
  }
  const asked: string[] = []
  const stop = new AbortController()
  const helper = await startThreadHelper({
    entry: new URL('../../dist/command/thread.js', import.meta.url),
    job,
    keysOf: (account) => ({
      current: () => {
        asked.push(account)
        return principals.admin
      },
      renew: () => Promise.resolve(principals.admin),
    }),
    maxLoad: 8,
    frame: {
      signal: stop.signal,
      actSignal: new AbortController().signal,
      onFatal: (error) => {
        throw error
      },
      onRoom: () => undefined,
    },
  })
  const outcomes = Promise.all(
    logs.map(({ key, object: { body, etag, lastModifiedMs } }) => {
      const object = { ...logObject(key, body.length), etag, lastModifiedMs }
      return new Promise<Outcome | undefined>((resolve) => helper.take(object, 'B', resolve))
    }),
  )
  act.afterHanding?.(stop)
  const statuses = (await outcomes).map((outcome) => outcome?.status)
  await helper.close()
  return { to, logs, statuses, asked }
}

test('a helper thread downloads the logs that it gets, with keys that it requests', async () => {
  const { to, logs, statuses, asked } = await fetchAll()
  expect(new Set(statuses)).toEqual(new Set(['done']))
  expect(treeOf(to)).toEqual(mirrorOf(logs))
  expect(leftovers(to)).toEqual([])
  expect(asked).toEqual(['B'])
})

test('after a stop a helper thread finishes its logs in progress and drops the rest', async () => {
  let gets = 0
  const { to, logs, statuses } = await fetchAll({
    afterHanding: (stop) =>
      world.lab.setFaults({
        hook: () => {
          if (++gets === 8) stop.abort()
          return { latencyMs: 20 }
        },
      }),
  })
  world.lab.setFaults({})
  const done = logs.filter((_, index) => statuses[index] === 'done')
  expect(done.length).toBeGreaterThanOrEqual(8)
  expect(done.length).toBeLessThan(logs.length)
  expect(new Set(statuses)).toEqual(new Set(['done', undefined]))
  expect(treeOf(to)).toEqual(mirrorOf(done))
})
