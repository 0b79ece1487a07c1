import { expect, it } from 'vitest'
import { openFleet } from '../../../src/fleet/queue/fleet.ts'
import { serveWorker } from '../../../src/fleet/worker/serve-worker.ts'
import { describeUnless } from '../../describe-unless.ts'
import { fakeExecutor, planned, requestTo, slicesOf, trail } from './fake-slices.ts'
import { missingRedis, startRedis } from './redis-server.ts'

describeUnless(missingRedis, 'a run of 20,000 slices', () => {
  it('needs less than 100 MB in Redis at any time', async () => {
    const server = await startRedis()
    const [fleet, own] = [await openFleet({ url: server.url, env: {} }), await openFleet({ url: server.url, env: {} })]
    const bytes = async (name: string) =>
      Number(new RegExp(`${name}:(\\d+)`).exec(await server.client.info('memory'))?.[1])
    const slices = slicesOf(20_000)
    const { runId } = await fleet.submit(requestTo('s3://a'), () => Promise.resolve(planned(slices)), { trail })
    const stop = new AbortController()
    const worker = serveWorker({
      fleet: own,
      appOptions: {},
      slicesAtATime: 16,
      drain: false,
      allowTo: [],
      journalDir: undefined,
      listener: () => undefined,
      signal: stop.signal,
      openExecutor: (name) => Promise.resolve(fakeExecutor(name)),
    })
    expect(await fleet.watch(runId)).toMatchObject({ ended: 20_000, bad: 0, total: { done: 200_000 } })
    expect(await bytes('used_memory_peak')).toBeLessThan(100e6)
    stop.abort()
    await worker
    expect(await server.client.keys(`crosstrail:crosstrail-slices:${runId}*`)).toEqual([])
    fleet.close()
    own.close()
    await server.stop()
  })
})
