import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, test } from 'vitest'
import { CrosstrailError } from '../../../../src/error.ts'
import { seededRandom } from '../../../../src/lab/random.ts'
import type { LabOptions } from '../../../../src/lab/lab.ts'
import type { AccountId } from '../../../../src/trail/account-id.ts'
import { dayMs, minuteMs } from '../../../../src/trail/calendar.ts'
import { formatKey } from '../../../../src/trail/key.ts'
import type { CopySides } from '../../../../src/sinks/bucket/sides.ts'
import { AnnouncedLedger } from '../../../../src/verbs/pull/queue/announced-ledger.ts'
import type { PullQueue } from '../../../../src/verbs/pull/queue/options.ts'
import { filesBelow } from '../../../disk/temp-folder.ts'
import { ownDisk, remount } from '../../../own-disk.ts'
import { openPullWorld, pulledAtMs, type PullWorld } from '../pull-world.ts'
import { ScriptedFeed } from './scripted-feed.ts'

const opened: PullWorld[] = []
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close()
})

async function open(options: LabOptions = {}) {
  const world = await openPullWorld(options)
  opened.push(world)
  const feed = new ScriptedFeed()
  const ledger = new AnnouncedLedger(0, 300_000)
  const queue = (overrides: Partial<PullQueue> = {}): PullQueue => ({
    feed,
    ledger,
    mode: 'listen',
    forMs: 60_000,
    foreign: 'leave',
    commitEveryMs: 1,
    maxMissed: 1,
    ...overrides,
  })
  return {
    ...world,
    feed,
    ledger,
    queue,
    put: (key: string, body = 'a log') => world.lab.bucket().put(key, body, { lastModifiedMs: pulledAtMs }),
    /** Announces nothing more, and takes what was announced. */
    listen: (overrides: Partial<PullQueue> = {}, ...others: Parameters<PullWorld['pull']>) => {
      feed.drain()
      return world.pull({ queue: queue(overrides), ...others[0] }, others[1])
    },
  }
}

const keyOf = (index: number, logAccount = '222222222222') =>
  formatKey(
    {
      logAccount: logAccount as AccountId,
      region: 'us-east-1',
      kind: 'events',
      deliveredAtMs: pulledAtMs - index * minuteMs,
      random: `Log${String(index).padStart(13, '0')}`,
    },
    { prefix: '' },
  )

const a = keyOf(1)
const logsOf = (to: string) => filesBelow(to).filter((file) => file.startsWith('AWSLogs/'))
const coverageOf = (to: string) => readFileSync(join(to, '.crosstrail', 'coverage.json'), 'utf8')

describe('a log that is announced', () => {
  test('is taken, and its message is deleted once the coverage names it', async () => {
    const { put, feed, listen, to } = await open()
    put(a)
    feed.send(a)
    const covered: boolean[] = []
    feed.onDone = ([key = '']) => {
      const name = /_(\d{8}T\d{4}Z_\w+)\./.exec(key)?.[1] ?? ''
      covered.push(name !== '' && coverageOf(to).includes(name) && logsOf(to).includes(key))
    }
    const report = await listen()
    expect(report).toMatchObject({
      total: { done: 1, failed: 0 },
      heard: { taken: 1, foreign: 0, isDrained: true },
      findings: [],
    })
    expect(feed.ends).toEqual([{ key: a, end: 'done' }])
    expect(covered).toEqual([true])
  })

  test('costs no request if it is covered', async () => {
    const { put, feed, listen, lab, ledger } = await open()
    put(a)
    feed.send(a)
    await listen()
    const before = lab.requests.count()
    feed.send(a)
    const report = await listen()
    expect(lab.requests.count() - before).toBe(0)
    expect(report.total).toMatchObject({ done: 0, failed: 0 })
    expect(feed.ends).toEqual([
      { key: a, end: 'done' },
      { key: a, end: 'done' },
    ])
    expect(ledger.total.announced).toBe(1)
  })

  test('is not taken again by a later listing, which also counts it as announced', async () => {
    const { put, feed, listen, pull, queue, ledger } = await open()
    put(a)
    feed.send(a)
    await listen()
    expect((await pull({ queue: queue({ mode: 'list' }) })).total.done).toBe(0)
    expect(ledger.judged).toEqual({ announced: 1, unannounced: 0 })
  })

  test('is taken once while two messages about it are in work', async () => {
    const { put, feed, listen, lab } = await open()
    put(a)
    put(keyOf(2))
    lab.setFaults({ rules: [{ fault: { latencyMs: 30 }, probability: 1 }] })
    feed.send(a)
    feed.send([keyOf(2), a])
    feed.send(a)
    const report = await listen()
    expect(report.total.done).toBe(2)
    expect(lab.requests.count('GetObject')).toBe(2)
    expect(feed.ends.map(({ end }) => end)).toEqual(['done', 'done', 'done'])
  })

  test('is left in the queue if the bucket does not have it, and taken when the message comes again', async () => {
    const { put, feed, listen } = await open()
    put(keyOf(2))
    feed.send([a, keyOf(2)])
    expect((await listen()).total).toMatchObject({ done: 1, failed: 0 })
    put(a)
    feed.send([a, keyOf(2)])
    expect((await listen()).total).toMatchObject({ done: 1, failed: 0 })
    expect(feed.ends).toEqual([
      { key: a, end: 'absent' },
      { key: a, end: 'done' },
    ])
  })

  test.each(['message', 'listing'])('is owed if it fails, and a later %s takes it', async (later) => {
    const { put, feed, listen, pull, queue, to } = await open()
    put(a, 'no gzip')
    feed.send(a)
    const sink = { type: 'folder', decompress: true, maxInflatedBytes: 1e8 } as const
    const failing = await listen({}, { sink })
    expect(failing.total).toMatchObject({ done: 0, failed: 1 })
    expect(failing.findings).toMatchObject([{ code: 'pull.gap' }])
    expect(feed.ends).toEqual([{ key: a, end: 'failed' }])
    if (later === 'message') feed.send(a)
    const healed = await (later === 'message' ? listen() : pull({ queue: queue({ mode: 'list' }) }))
    expect(healed).toMatchObject({ total: { done: 1, failed: 0 }, findings: [] })
    expect(logsOf(to)).toEqual([a])
    expect(feed.ends.slice(1)).toEqual(later === 'message' ? [{ key: a, end: 'done' }] : [])
  })

  test('is owed if it cannot be looked up, and its message stays', async () => {
    const { put, feed, listen, lab } = await open()
    put(a)
    const error = { status: 400, code: 'InvalidArgument', message: 'no' }
    lab.setFaults({ rules: [{ fault: error, probability: 1, operations: ['HeadObject', 'ListObjectsV2'] }] })
    feed.send(a)
    const report = await listen({ foreign: 'ack' })
    expect(report.total.failed).toBe(1)
    expect(report.findings).toMatchObject([{ code: 'pull.gap' }])
    expect(feed.ends).toEqual([{ key: a, end: 'failed' }])
  })
})

describe('an old log that is announced', () => {
  const dayFrom = (days: number) => keyOf((days * dayMs) / minuteMs)

  /** A listing with later logs has moved the marks to now. */
  async function openListed(sweepMs: number) {
    const world = await open()
    for (const index of [0, 1]) world.put(keyOf(index))
    await world.pull({ sinceMs: pulledAtMs - 100 * dayMs, sweepMs })
    return world
  }

  test('is not taken again if it was written again, for example with another encryption', async () => {
    const { put, feed, listen } = await openListed(30 * dayMs)
    const old = dayFrom(40)
    put(old)
    feed.send(old)
    expect((await listen()).total).toMatchObject({ done: 0, failed: 0, skipped: { covered: 1 } })
    expect(feed.ends).toEqual([{ key: old, end: 'done' }])
  })

  test.each([30 * dayMs, 0])('is taken if CloudTrail may have delivered it now (sweeps of %i ms)', async (sweepMs) => {
    const { put, feed, listen } = await openListed(sweepMs)
    const late = dayFrom(29)
    put(late)
    feed.send(late)
    expect((await listen({}, { sweepMs })).total.done).toBe(1)
  })
})

describe('a key that this pull does not take', () => {
  const denied = { status: 403, code: 'AccessDenied', message: 'denied' }

  test.each([
    ['leave', 'foreign'],
    ['ack', 'done'],
  ] as const)('is told if access to it is denied, and with %s its message is %s', async (foreign, end) => {
    const { put, feed, listen, lab, notes } = await open()
    put(a)
    lab.setFaults({ rules: [{ fault: denied, probability: 1, operations: ['HeadObject', 'ListObjectsV2'] }] })
    feed.send(a)
    const report = await listen({ foreign })
    expect(report.total).toMatchObject({ done: 0, failed: 0 })
    expect(report.heard).toMatchObject({ taken: 0, foreign: 1 })
    expect(notes).toMatchObject([{ code: 'access.list-denied', account: 'Z' }])
    expect(feed.ends).toEqual([{ key: a, end }])
  })

  test('does not include a key that only a revoked session cannot read: its message stays', async () => {
    const { put, feed, listen, lab } = await open()
    put(a)
    const revoked = { status: 400, code: 'InvalidToken', message: 'revoked' }
    lab.setFaults({ rules: [{ fault: revoked, probability: 1, operations: ['HeadObject', 'ListObjectsV2'] }] })
    feed.send(a)
    const report = await listen({ foreign: 'ack' })
    expect(report.total.failed).toBe(1)
    expect(feed.ends).toEqual([{ key: a, end: 'failed' }])
  })

  test.each([
    ['leave', 'foreign'],
    ['ack', 'done'],
  ] as const)('does not keep a message from its own logs: with %s the message is %s', async (foreign, end) => {
    const { put, feed, listen, to } = await open()
    put(a)
    feed.send(['other/AWSLogs/readme.txt', a])
    feed.send(a, 'another-bucket')
    const report = await listen({ foreign })
    expect(report).toMatchObject({ total: { done: 1 }, heard: { foreign: 2 } })
    expect(logsOf(to)).toEqual([a])
    expect(feed.ends.map((one) => one.end)).toEqual([end, end])
  })
})

describe('a target bucket', () => {
  /** The target is below `archive/` in the trail's bucket. */
  function archiveIn(world: Pick<PullWorld, 'bucket'>, listPage = world.bucket.listPage.bind(world.bucket)) {
    const sides = { source: {}, target: { bucket: 'archive', listing: { listPage } } } as unknown as CopySides
    return {
      sink: { type: 's3', to: { bucket: 'archive', prefix: 'archive/', region: 'us-east-1' } },
      sidesOf: () => sides,
    } as unknown as Parameters<PullWorld['pull']>[0]
  }

  test('that has another object under the key keeps it', async () => {
    const world = await open()
    const { put, feed, listen, lab } = world
    put(a)
    lab.bucket().put(`archive/${a}`, 'another content')
    feed.send(a)
    const report = await listen({}, archiveIn(world))
    expect(report.total).toMatchObject({ done: 0, failed: 1 })
    expect(lab.bucket().get(`archive/${a}`)?.body.toString()).toBe('another content')
    expect(lab.requests.count('CopyObject')).toBe(0)
    expect(feed.ends).toEqual([{ key: a, end: 'failed' }])
  })

  test('that cannot be listed makes no log foreign', async () => {
    const world = await open()
    world.put(a)
    world.feed.send(a)
    const refuse = () => Promise.reject(new CrosstrailError('access.list-denied', 'the target is denied'))
    const report = await world.listen({ foreign: 'ack' }, archiveIn(world, refuse))
    expect(report.total).toMatchObject({ done: 0, failed: 1 })
    expect(report.heard?.foreign).toBe(0)
    expect(world.feed.ends).toEqual([{ key: a, end: 'failed' }])
  })
})

describe('the end of a pull that listens', () => {
  test('comes after its time, also after a garbage collection', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { pull, queue, feed, put } = await open()
    put(a)
    const startedAt = performance.now()
    const ending = pull({ queue: queue({ forMs: 300 }) })
    feed.send(a)
    const collecting = setInterval(collect, 50)
    const report = await ending
    clearInterval(collecting)
    expect(report).toMatchObject({
      interrupted: false,
      error: undefined,
      total: { done: 1 },
      heard: { isDrained: false },
    })
    expect(performance.now() - startedAt).toBeGreaterThan(290)
    expect(feed.ends).toEqual([{ key: a, end: 'done' }])
  })

  test('does not come at once if the time is longer than any timer', async () => {
    const { pull, queue, feed, put } = await open()
    put(a)
    const ending = pull({ queue: queue({ forMs: Infinity }) })
    setTimeout(() => feed.send(a), 100)
    setTimeout(() => feed.drain(), 200)
    expect((await ending).total.done).toBe(1)
  })

  test('gives all messages back that an abort interrupts', async () => {
    const { pull, queue, feed, lab, put } = await open()
    const keys = Array.from({ length: 100 }, (_, index) => keyOf(index))
    for (const key of keys) put(key)
    const stop = new AbortController()
    let calls = 0
    lab.setFaults({
      hook: () => {
        if (++calls === 120) stop.abort()
        return { latencyMs: seededRandom(calls)() * 20 }
      },
    })
    for (const key of keys) feed.send(key)
    const report = await pull({ queue: queue() }, { signal: stop.signal })
    expect(report).toMatchObject({ interrupted: true, error: undefined, heard: { isDrained: false } })
    expect(feed.ends).toHaveLength(100)
    expect(new Set(feed.ends.map(({ key }) => key)).size).toBe(100)
    const done = feed.ends.filter(({ end }) => end === 'done').length
    expect(done).toBe(report.total.done)
    expect(feed.ends.filter(({ end }) => end === 'interrupted')).toHaveLength(100 - done)
    expect(done).toBeLessThan(100)
  })

  test('tells the error of a queue that cannot be drained, after it finished what came before', async () => {
    const { pull, queue, feed, put } = await open()
    put(a)
    feed.send(a)
    const ending = pull({ queue: queue() })
    await expect.poll(() => feed.ends).toHaveLength(1)
    feed.failure = new CrosstrailError('queue.denied', 'denied')
    feed.drain()
    expect(await ending).toMatchObject({ error: { code: 'queue.denied' }, total: { done: 1 } })
  })

  test('rejects with a bug of the feed, and gives back what it holds', async () => {
    const { pull, queue, feed, lab, put } = await open()
    put(a)
    lab.setFaults({ rules: [{ fault: { latencyMs: 200 }, probability: 1 }] })
    feed.send(a)
    const ending = pull({ queue: queue() })
    setTimeout(() => {
      feed.failure = new TypeError('a bug')
      feed.drain()
    }, 50)
    await expect(ending).rejects.toThrow('a bug')
    expect(feed.ends).toEqual([{ key: a, end: 'failed' }])
  })

  test('leaves the messages of an account whose session cannot be opened', async () => {
    const { feed, listen, put, bucket } = await open()
    const [b, z] = ['222222222222', '444444444444'] as [AccountId, AccountId]
    for (const key of [keyOf(1, b), keyOf(1, z)]) put(key)
    const error = new CrosstrailError('access.assume-role-denied', 'denied')
    const host = {
      accounts: [
        { label: 'B', id: b, reads: 'own' as const },
        { label: 'Z', id: z, reads: 'own' as const },
      ],
      openBucket: ({ account }: { account: string }) =>
        account === 'B' ? Promise.reject(error) : Promise.resolve(bucket),
    }
    for (const key of [keyOf(1, b), keyOf(1, z)]) feed.send(key)
    const report = await listen({ foreign: 'ack' }, {}, host)
    expect(report.accounts).toMatchObject([
      { account: 'B', error: { code: error.code } },
      { account: 'Z', tally: { done: 1 } },
    ])
    expect(new Map(feed.ends.map(({ key, end }) => [key, end]))).toEqual(
      new Map([
        [keyOf(1, b), 'failed'],
        [keyOf(1, z), 'done'],
      ]),
    )
  })
})

test('a full disk deletes no message whose log is not durable, and a pull with space takes the rest', async ({
  skip,
}) => {
  const to = ownDisk('size=1m')
  if (to === undefined) return skip()
  const { feed, listen, put } = await open()
  const keys = Array.from({ length: 400 }, (_, index) => keyOf(index))
  const random = seededRandom(1)
  const body = () => Array.from({ length: 5000 }, () => String.fromCharCode(33 + random() * 90)).join('')
  for (const key of keys) put(key, body())
  for (const key of keys) feed.send(key)
  feed.onDone = ([key = '']) => expect(logsOf(to)).toContain(key)
  const full = await listen({}, { to })
  expect(full.error?.code).toMatch(/^disk\.(?:full|journal)$/)
  expect(feed.ends).toHaveLength(400)
  const left = feed.ends.filter(({ end }) => end !== 'done')
  expect(left.length).toBeGreaterThan(0)
  expect(new Set(left.map(({ end }) => end))).toEqual(new Set(['failed']))

  remount(to, 'size=100m')
  for (const { key } of left) feed.send(key)
  const rest = await listen({}, { to })
  expect(rest.error).toBeUndefined()
  expect(feed.ends.slice(400).filter(({ end }) => end === 'done')).toHaveLength(left.length)
  expect(logsOf(to)).toHaveLength(400)
})
