import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { FleetSlice } from '../../../src/fleet/format.ts'
import { repairRun } from '../../../src/fleet/queue/fill-run.ts'
import { type Fleet, openFleet } from '../../../src/fleet/queue/fleet.ts'
import type { FleetEvent } from '../../../src/fleet/queue/report.ts'
import { serveWorker, type WorkerOptions } from '../../../src/fleet/worker/serve-worker.ts'
import type { WorkerEvent, WorkerReport } from '../../../src/fleet/worker/worker-report.ts'
import { describeUnless } from '../../describe-unless.ts'
import {
  type FakeExecutor,
  fakeExecutor,
  pause,
  place,
  planned,
  requestTo,
  resultOf,
  slicesOf,
  trail,
} from './fake-slices.ts'
import { missingRedis, type RedisServer, startRedis } from './redis-server.ts'

describeUnless(missingRedis, 'a run in the queue', () => {
  let server: RedisServer
  let fleet: Fleet
  const stops: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    await server.client.flushall()
    fleet = await openFleet({ url: server.url, env: {} })
  })
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
    fleet.close()
  })

  /** Starts a worker with its own connection. It stops after the test. */
  async function startWorker(executor: FakeExecutor, given: Partial<WorkerOptions> = {}) {
    const own = await openFleet({ url: server.url, env: {} })
    const stop = new AbortController()
    const events: WorkerEvent[] = []
    const ended: Promise<WorkerReport> = serveWorker({
      fleet: own,
      appOptions: {},
      slicesAtATime: 4,
      drain: false,
      allowTo: [],
      journalDir: undefined,
      listener: (event) => events.push(event),
      signal: stop.signal,
      openExecutor: () => Promise.resolve(executor),
      ...given,
    })
    stops.push(async () => {
      stop.abort()
      await ended.catch(() => undefined)
      own.close()
    })
    return { executor, events, ended, stop: () => (stop.abort(), ended) }
  }

  const submit = (slices: readonly FleetSlice[], to = 's3://archive/a') =>
    fleet.submit(requestTo(to), () => Promise.resolve(planned(slices)), { trail, submitter: 'host' })

  it('gives each worker an equal share of the calls, which grows when another worker leaves', async () => {
    const shares: number[] = []
    const counting: FakeExecutor = { ...fakeExecutor('a'), limitCalls: (perSecond) => void shares.push(perSecond) }
    await startWorker(counting, { maxRate: 100 })
    await expect.poll(() => shares.at(-1)).toBe(100)
    const other = await startWorker(fakeExecutor('b'))
    await expect.poll(() => shares.at(-1), { timeout: 5_000 }).toBe(50)
    await other.stop()
    await expect.poll(() => shares.at(-1), { timeout: 5_000 }).toBe(100)
  })

  it('each slice is run once, and the report adds up their results', async () => {
    const slices = slicesOf(200)
    const { runId, joined } = await submit(slices)
    expect(joined).toBe(false)
    const workers = [await startWorker(fakeExecutor('one')), await startWorker(fakeExecutor('two'))]
    const ended: string[] = []
    const report = await fleet.watch(runId, {
      listener: (event) => event.type === 'slice' && ended.push(event.slice.id),
      pollMs: 50,
    })
    expect(report).toMatchObject({ state: 'finished', slices: 200, ended: 200, bad: 0, stopped: {} })
    expect(report.total).toMatchObject({ done: 2000, doneBytes: 200_000, failed: 0 })
    expect(new Set(ended)).toEqual(new Set(slices.map(({ id }) => id)))
    const begun = workers.flatMap(({ executor }) => [...executor.begun.values()])
    expect(begun.reduce((sum, count) => sum + count, 0)).toBe(200)
  })

  it('everything of a run without failures is removed at its end', async () => {
    const { runId } = await submit(slicesOf(20))
    await startWorker(fakeExecutor('one'))
    await fleet.watch(runId, { pollMs: 50 })
    await expect.poll(() => keysOf(server, `crosstrail:crosstrail-slices:${runId}*`)).toEqual([])
    for (const key of await keysOf(server, `crosstrail:run:${runId}*`)) {
      expect([key, await server.client.pttl(key)]).toEqual([
        key,
        expect.toSatisfy((ms: number) => ms > 0 && ms <= 60_000),
      ])
    }
    expect(await fleet.status()).toEqual([])
  })

  it('who submits the same run a second time joins it, without planning', async () => {
    const { runId } = await submit(slicesOf(3))
    const again = await fleet.submit(requestTo('s3://archive/a'), () => Promise.reject(new Error('planned')), { trail })
    expect(again).toEqual({ runId, joined: true, slices: 3 })
    const executor = fakeExecutor('one')
    await startWorker(executor)
    const [one, two] = await Promise.all([fleet.watch(runId, { pollMs: 50 }), fleet.watch(runId, { pollMs: 50 })])
    expect(one).toEqual(two)
    expect([...executor.begun.values()]).toEqual([1, 1, 1])
  })

  it('a slice that throws is tried three times and then reported', async () => {
    const { runId } = await submit(slicesOf(4))
    const executor = fakeExecutor('one', (slice) => (slice.id === 's2' ? Promise.reject(new Error('no room')) : ok()))
    await startWorker(executor)
    const report = await fleet.watch(runId, { pollMs: 50 })
    expect(executor.begun.get('s2')).toBe(3)
    expect(report).toMatchObject({ state: 'finished', ended: 4, bad: 1, stopped: { '*': 'fleet.slice-failed' } })
    expect(report.unrun).toMatchObject([{ slice: { id: 's2' }, end: { error: { message: 'no room' } } }])
    expect(report.total.done).toBe(30)
  })

  it('retry runs only the slices with failures again', async () => {
    const { runId } = await submit(slicesOf(6))
    let isMended = false
    const executor = fakeExecutor('one', ({ id }) =>
      Promise.resolve(id === 's1' && !isMended ? resultOf('one', 9, ['object.gone']) : {}),
    )
    await startWorker(executor)
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ bad: 1, total: { done: 59, failed: 1 } })
    isMended = true
    expect(await fleet.retry(runId)).toEqual({ slices: 1 })
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ bad: 0, ended: 6, total: { done: 60, failed: 0 } })
    expect(executor.begun.get('s1')).toBe(2)
    expect(executor.begun.get('s0')).toBe(1)
  })

  it('cancel stops the slices in work, and the run stays cancelled', async () => {
    const { runId } = await submit(slicesOf(50))
    const executor = fakeExecutor('one', async (_, __, signal) => (await pause(60_000, signal), {}))
    await startWorker(executor)
    const watched = fleet.watch(runId, { pollMs: 50 })
    await expect.poll(() => executor.begun.size).toBe(4)
    const startedAt = performance.now()
    expect(await fleet.cancel(runId)).toMatchObject({ state: 'cancelled' })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(await watched).toMatchObject({ state: 'cancelled', ended: 4, slices: 50 })
    expect(executor.begun.size).toBe(4)
    expect(await keysOf(server, `crosstrail:crosstrail-slices:${runId}*`)).toEqual([])
    expect(await fleet.status(runId)).toMatchObject([{ state: 'cancelled' }])
  })

  it('retry runs the rest of a cancelled run', async () => {
    const { runId } = await submit(slicesOf(20))
    let begun = 0
    const executor = fakeExecutor('one', async (_, __, signal) => {
      if (begun++ > 0) await pause(60_000, signal)
      return {}
    })
    const first = await startWorker(executor)
    await expect.poll(async () => (await fleet.status(runId))[0]?.ended).toBe(1)
    await fleet.cancel(runId)
    await first.stop()
    const { slices } = await fleet.retry(runId)
    expect(slices).toBe(19)
    await startWorker(fakeExecutor('two'))
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({
      state: 'finished',
      ended: 20,
      total: { done: 200 },
    })
  })

  it('a run that was cancelled or has ended begins anew if it is submitted again', async () => {
    const { runId } = await submit(slicesOf(3))
    await fleet.cancel(runId)
    expect(await submit(slicesOf(4))).toEqual({ runId, joined: false, slices: 4 })
    await startWorker(fakeExecutor('one'))
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ state: 'finished', ended: 4 })
    expect(await submit(slicesOf(5))).toEqual({ runId, joined: false, slices: 5 })
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ state: 'finished', ended: 5 })
  })

  it('a second submitter goes on if the first one dies before all slices were added', async () => {
    const { runId } = await submit(slicesOf(3))
    // As if it had died after the first slice
    await server.client.hset(`crosstrail:run:${runId}`, 'state', 'submitting')
    await fleet.tools.jobs.remove(runId, ['s1', 's2'])
    expect(await submit([])).toEqual({ runId, joined: true, slices: 3 })
    await startWorker(fakeExecutor('one'))
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ state: 'finished', ended: 3 })
  })

  it('a second submitter waits while the first one plans', async () => {
    let isPlanned = false
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      isPlanned = true
      return planned(slicesOf(2))
    }
    const asked = requestTo('s3://archive/slow')
    const first = fleet.submit(asked, slow, { trail })
    await expect.poll(() => server.client.keys('*:lease')).toHaveLength(1)
    const codes: string[] = []
    const second = await fleet.submit(asked, () => Promise.reject(new Error('planned')), {
      trail,
      listener: (event) => event.type === 'note' && codes.push(event.code),
    })
    expect([isPlanned, second.joined, codes]).toEqual([true, true, ['fleet.waiting']])
    expect(await first).toMatchObject({ joined: false })
  })

  it('a plan that fails leaves nothing behind', async () => {
    const asked = requestTo('s3://archive/a')
    const failed = fleet.submit(asked, () => Promise.reject(new Error('no access')), { trail })
    await expect(failed).rejects.toThrow('no access')
    expect(await keysOf(server, 'crosstrail:run*')).toEqual([])
  })

  it('slices whose jobs were lost are run', async () => {
    const { runId } = await submit(slicesOf(3))
    await fleet.tools.jobs.remove(runId, ['s1'])
    const run = await fleet.tools.store.read(runId)
    if (run === undefined) throw new Error('there is no run')
    await repairRun(fleet.tools, run)
    await startWorker(fakeExecutor('one'))
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ state: 'finished', ended: 3 })
  })

  it('an account that fails on one worker is tried again', async () => {
    const { runId } = await submit(slicesOf(2))
    await startWorker(
      fakeExecutor('one', ({ id }, attempt) =>
        Promise.resolve(id === 's0' && attempt < 3 ? { stopped: { Z: 'access.no-credentials' } } : {}),
      ),
    )
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ ended: 2, bad: 0, stopped: {} })
  })

  it('a worker whose thread breaks ends with its error, and the slice counts as tried', async () => {
    const { runId } = await submit(slicesOf(1))
    const broken = new AbortController()
    const executor = fakeExecutor('one', () => {
      broken.abort(new Error('out of memory'))
      return Promise.reject(new Error('out of memory'))
    })
    const { ended } = await startWorker({ ...executor, broken: broken.signal })
    await expect(ended).rejects.toThrow('out of memory')
    const { client } = server
    await expect.poll(() => client.hget(`crosstrail:crosstrail-slices:${runId}-s0`, 'atm')).toBe('1')
  })

  it('the lines of all results together are limited, and their counts are exact', async () => {
    const { runId } = await submit(slicesOf(3))
    const { store } = fleet.tools
    const run = await store.read(runId)
    if (run === undefined) throw new Error('there is no run')
    const end = resultOf('one', 0, ['object.gone'])
    await store.addResult(run, 's0', end, 0)
    // As if the results had 32 MiB of lines less one byte
    await server.client.hset(`crosstrail:run:${runId}`, 'lineBytes', 32 * 1024 * 1024 - 1)
    await store.addResult(run, 's1', end, 0)
    await store.addResult(run, 's2', { ...end, omittedLines: 7 }, 0)
    const passed: string[] = []
    const report = await fleet.watch(runId, {
      listener: (event) => event.type === 'slice' && event.end.lines.length > 0 && passed.push(event.slice.id),
    })
    expect(passed).toEqual(['s0'])
    expect(report).toMatchObject({ state: 'finished', bad: 3, omittedLines: 9, total: { failed: 3 } })
  })

  it('a worker without the label hands the slice back with a note, and another runs it', async () => {
    const { runId } = await submit(slicesOf(3))
    const { executor } = await startWorker(fakeExecutor('one', ok, []))
    const notes: FleetEvent[] = []
    const watched = fleet.watch(runId, {
      listener: (event) => event.type === 'worker-note' && notes.push(event),
      pollMs: 50,
    })
    await expect.poll(() => notes).toMatchObject([{ note: { code: 'fleet.unknown-label' } }])
    await startWorker(fakeExecutor('two'))
    expect(await watched).toMatchObject({ state: 'finished', ended: 3, workers: ['two'] })
    expect(executor.begun.size).toBe(0)
  })

  it('a worker whose label has another role refuses the slice', async () => {
    const { runId } = await submit(slicesOf(1))
    const other = { ...place, role: 'arn:aws:iam::111111111111:role/other' }
    const { executor, events } = await startWorker(fakeExecutor('one', ok, [other]))
    await expect
      .poll(() => events.find((event) => event.type === 'slice-handed-back'))
      .toMatchObject({
        code: 'fleet.other-place',
        message: expect.stringContaining('role/other') as string,
      })
    expect(executor.begun.size).toBe(0)
    expect(await fleet.status(runId)).toMatchObject([{ state: 'running', ended: 0 }])
  })

  it('a worker takes only slices that write below --allow-to', async () => {
    await submit(slicesOf(1), 's3://archive/other')
    const { runId } = await submit(slicesOf(1), 's3://archive/a/b')
    const { executor } = await startWorker(fakeExecutor('one'), { allowTo: ['s3://archive/a'] })
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ ended: 1 })
    expect([...executor.begun.values()]).toEqual([1])
  })

  it('a worker of another format hands slices back', async () => {
    const { runId } = await submit(slicesOf(1))
    const key = `crosstrail:crosstrail-slices:${runId}-s0`
    const data = JSON.parse(String(await server.client.hget(key, 'data'))) as object
    await server.client.hset(key, 'data', JSON.stringify({ ...data, format: 99 }))
    const { executor } = await startWorker(fakeExecutor('one'))
    const notes: FleetEvent[] = []
    const stop = new AbortController()
    const watched = fleet.watch(runId, {
      listener: (event) => event.type === 'worker-note' && notes.push(event),
      signal: stop.signal,
      pollMs: 50,
    })
    await expect.poll(() => notes).toMatchObject([{ note: { code: 'fleet.other-format' } }])
    stop.abort()
    expect(await watched).toMatchObject({ state: 'running', ended: 0 })
    expect(executor.begun.size).toBe(0)
  })

  it('a submitter of another format does not join', async () => {
    const { runId } = await submit(slicesOf(1))
    await server.client.hset(`crosstrail:run:${runId}`, 'format', 99)
    await expect(submit(slicesOf(1))).rejects.toMatchObject({ code: 'fleet.other-format' })
  })

  it('a stopped worker hands its slices back at once, and another ends the run', async () => {
    const { runId } = await submit(slicesOf(8))
    const slow = fakeExecutor('one', async (_, __, signal) => (await pause(60_000, signal), {}))
    const first = await startWorker(slow)
    await expect.poll(() => slow.begun.size).toBe(4)
    expect(await first.stop()).toMatchObject({ slices: 0, handedBack: 4 })
    await startWorker(fakeExecutor('two'))
    expect(await fleet.watch(runId, { pollMs: 50 })).toMatchObject({ ended: 8, bad: 0, total: { done: 80 } })
  })

  it('a worker that drains ends when nothing is left', async () => {
    await submit(slicesOf(30))
    const { ended } = await startWorker(fakeExecutor('one'), { drain: true })
    expect(await ended).toMatchObject({ slices: 30, bad: 0, objects: 300, bytes: 30_000 })
  })

  it('a run that was detached is finished, and can be looked at later', async () => {
    const { runId } = await submit(slicesOf(5))
    const { ended } = await startWorker(fakeExecutor('one'), { drain: true })
    await ended
    expect(await fleet.status()).toMatchObject([{ runId, state: 'finished', ended: 5, done: 50, submitter: 'host' }])
    expect(await fleet.watch(runId)).toMatchObject({ state: 'finished', total: { done: 50 } })
  })

  it('a run without slices ends at once', async () => {
    const { runId } = await submit([])
    expect(await fleet.watch(runId)).toMatchObject({ state: 'finished', slices: 0 })
  })

  it('what is not known or has not ended is an error', async () => {
    await expect(fleet.watch('0123456789abcdef')).rejects.toMatchObject({ code: 'usage.unknown-run' })
    await expect(fleet.cancel('0123456789abcdef')).rejects.toMatchObject({ code: 'usage.unknown-run' })
    const { runId } = await submit(slicesOf(1))
    await expect(fleet.retry(runId)).rejects.toMatchObject({ code: 'usage.run-active' })
  })

  it('a watcher of a run that Redis lost does not report success', async () => {
    const { runId } = await submit(slicesOf(1))
    const watched = expect(fleet.watch(runId, { pollMs: 50 })).rejects.toMatchObject({ code: 'fleet.run-gone' })
    await expect.poll(() => server.client.info('commandstats')).toContain('cmdstat_hvals')
    await server.client.flushall()
    await watched
  })
})

function ok() {
  return Promise.resolve({})
}

async function keysOf(server: RedisServer, pattern: string): Promise<string[]> {
  return server.client.keys(pattern)
}
