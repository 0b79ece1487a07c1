import { expect, test } from 'vitest'
import { bucketWork } from '../../src/app/slice-work.ts'
import type { BucketAccess, BucketAccessOptions } from '../../src/s3/bucket-access.ts'
import type { Concurrency } from '../../src/work/concurrency.ts'
import { Limits } from '../../src/work/limits.ts'
import type { WorkerFrame } from '../../src/work/run.ts'
import { Hunger } from '../../src/work/slice-worker.ts'
import { takeAll } from '../work/run-world.ts'

const share: Concurrency = {
  threads: 1,
  threadsWorthFrom: undefined,
  calls: 2,
  callsPerThread: 2,
  listings: 2,
  openFilesLimit: undefined,
}

/** A worker that starts no helper asks neither for buckets nor for sessions. */
const unused = () => {
  throw new Error('not needed')
}

function capacityOf(lasting: boolean | undefined): number {
  const { signal } = new AbortController()
  const frame: WorkerFrame = {
    bucketOf: unused,
    hunger: new Hunger(),
    listener: unused,
    signal,
    actSignal: signal,
    onFatal: unused,
    onLimit: unused,
  }
  const start = bucketWork(share, {} as BucketAccess, {} as BucketAccessOptions)
  const source = { plan: unused, read: unused }
  const { capacity } = start(frame, {
    job: {},
    open: () => takeAll,
    limits: new Limits({}),
    keysOf: unused,
    source,
    listings: 5,
    lasting,
  })
  return capacity
}

test('slices of another source count as listings', () => {
  expect(capacityOf(undefined)).toBe(2)
})

test('slices that last as long as the run are all in progress, whatever the limit on listings', () => {
  expect(capacityOf(true)).toBe(5)
})
