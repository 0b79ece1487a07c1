import { describe, expect, it } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import type { WorkerFrame } from '../../src/work/run.ts'
import { Hunger } from '../../src/work/slice-worker.ts'
import { startThreadWorker } from '../../src/work/thread-worker.ts'

const slice = {
  account: 'B',
  logAccount: '222222222222' as AccountId,
  region: 'us-east-1',
  kind: 'events',
  prefix: 'p/',
  window: {},
} as const
const exchange = { giveAway: () => undefined, listed: () => undefined }

function start(source: string) {
  const frame: WorkerFrame = {
    hunger: new Hunger(),
    listener: () => undefined,
    signal: new AbortController().signal,
    actSignal: new AbortController().signal,
    onFatal: () => undefined,
    onLimit: () => undefined,
  }
  const keysOf = () => ({
    current: () => Promise.reject(new Error('no')),
    renew: () => Promise.reject(new Error('no')),
  })
  const entry = new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads';${source}`)}`,
  )
  return startThreadWorker({ entry, job: {}, keysOf, listings: 2, frame })
}

const ready = "parentPort.postMessage({ type: 'ready' });"

describe('a working thread', () => {
  it('that dies rejects the slices it runs, and those it is given afterwards', async () => {
    const worker = await start(
      `${ready} parentPort.on('message', ({ type }) => { if (type === 'slice') process.exit(7) })`,
    )
    await expect(worker.run(slice, exchange)).rejects.toThrow('ended early')
    await expect(worker.run(slice, exchange)).rejects.toThrow('ended early')
    await worker.close()
  })

  it('that cannot start says why', async () => {
    await expect(start("throw new Error('no memory')")).rejects.toThrow('no memory')
  })
})
