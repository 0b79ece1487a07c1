import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Announcement } from '../../src/queue/announced.ts'
import type { FeedMessage, FeedOptions } from '../../src/queue/feed-message.ts'
import { QueueFeed } from '../../src/queue/queue-feed.ts'
import { leaveReasons } from '../../src/queue/left-messages.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { queueError, ScriptedQueue } from './scripted-queue.ts'

vi.mock('node:timers/promises', () => import('./fake-sleep.ts'))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** No time that a message is left for equals it. */
const visibilitySeconds = 59
const never = new AbortController().signal

interface Opened {
  readonly feed: QueueFeed
  readonly queues: readonly ScriptedQueue[]
  readonly queue: ScriptedQueue
  readonly notes: string[]
  /** Takes what is there. */
  readonly take: () => Promise<readonly FeedMessage[]>
  readonly close: () => Promise<void>
}

interface Asked extends Partial<FeedOptions> {
  readonly count?: number
  /** Called before the feed begins to receive. */
  readonly prepare?: (queues: readonly ScriptedQueue[]) => void
}

function open({ count = 1, prepare, ...options }: Asked = {}): Opened {
  const queues = Array.from({ length: count }, () => new ScriptedQueue())
  prepare?.(queues)
  const notes: string[] = []
  const feed = new QueueFeed({
    queues: queues.map((client, index) => ({ url: `https://queue/${index}`, client })),
    read,
    drain: false,
    maxReceives: 3,
    onNote: (code, message) => notes.push(`${code}: ${message}`),
    visibilitySeconds,
    ...options,
  })
  return {
    feed,
    queues,
    queue: queues[0] ?? new ScriptedQueue(),
    notes,
    async take() {
      await passed(0)
      const stop = new AbortController()
      const taken = feed.next(stop.signal)
      await passed(0)
      stop.abort()
      return taken
    },
    async close() {
      const closing = feed.close()
      await passed(60_000)
      await closing
    },
  }
}

const passed = (byMs: number) => vi.advanceTimersByTimeAsync(byMs)

/** Bodies of these tests: `log KEY`, `test`, `ignored`, and anything else is unknown, with itself as its shape. */
function read(body: string): Announcement {
  if (body === 'test' || body === 'ignored') return { type: body, shape: body }
  if (body.startsWith('log ')) return { type: 'logs', shape: 's3', objects: [{ bucket: 'logs', key: body.slice(4) }] }
  return { type: 'unknown', shape: body }
}

/** How each receipt left the feed: `deleted`, or the seconds for which it was left. */
function endsOf(queue: ScriptedQueue): Map<string, (number | 'deleted')[]> {
  const ends = new Map<string, (number | 'deleted')[]>()
  const add = (receipt: string, end: number | 'deleted') => ends.set(receipt, [...(ends.get(receipt) ?? []), end])
  for (const receipt of queue.deleted) add(receipt, 'deleted')
  for (const { receipt, seconds } of queue.extended) if (seconds !== visibilitySeconds) add(receipt, seconds)
  return ends
}

describe('each message', () => {
  test.each([1, 2, 3, 4, 5, 6])('ends in exactly one way, whatever the pull does with it (%i)', async (seed) => {
    const random = seededRandom(seed)
    const { feed, queues, take, close } = open({ count: 3 })
    const bodies = ['log a', 'log b', 'test', 'ignored', 'strange']
    const sent = queues.map(() => [] as string[])
    for (let round = 0; round < 20; round++) {
      for (const [index, queue] of queues.entries()) {
        const count = Math.floor(random() * 25)
        for (let each = 0; each < count; each++) {
          const body = bodies[Math.floor(random() * bodies.length)] ?? ''
          sent[index]?.push(queue.send(body, { receives: 1 + Math.floor(random() * 5) }))
        }
      }
      for (const message of random() < 0.8 ? await take() : []) {
        const reason = leaveReasons[Math.floor(random() * leaveReasons.length)] ?? 'failed'
        if (random() < 0.5) message.done()
        if (random() < 0.5) message.leave(reason)
        if (random() < 0.1) message.done()
      }
      await passed(random() * 30_000)
    }
    await close()
    for (const [index, queue] of queues.entries()) {
      const ends = endsOf(queue)
      const received = (sent[index] ?? []).slice(0, (sent[index] ?? []).length - queue.waiting)
      expect([...ends.keys()].toSorted()).toEqual(received.toSorted())
      expect([...ends.values()].filter(({ length }) => length !== 1)).toEqual([])
      expect(queue.isClosed).toBe(true)
    }
    const { received, deleted, left, inFlight } = feed.numbers()
    const leftCount = [...left.values()].reduce((sum, count) => sum + count, 0)
    expect({ inFlight, ended: deleted + leftCount }).toEqual({ inFlight: 0, ended: received })
    expect(deleted).toBe(queues.reduce((sum, queue) => sum + queue.deleted.length, 0))
  })

  test('is deleted if it announces no new object', async () => {
    const { feed, queue, take, close } = open()
    const receipts = [queue.send('test'), queue.send('ignored')]
    expect(await take()).toEqual([])
    await passed(200)
    expect(queue.deleted).toEqual(receipts)
    expect(feed.numbers()).toMatchObject({ ignored: 2, deleted: 2, received: 2 })
    await close()
  })

  test('stays in the queue if it is not understood, and each form is told once', async () => {
    const { feed, queue, notes, take, close } = open()
    for (const body of ['{odd}', '{odd}', '{new}', '{odd}']) queue.send(body)
    expect(await take()).toEqual([])
    await passed(200)
    expect(queue.deleted).toEqual([])
    expect([...feed.shapes]).toEqual([
      ['{odd}', 3],
      ['{new}', 1],
    ])
    expect(notes.filter((note) => note.startsWith('pull.unknown-message'))).toHaveLength(2)
    expect(feed.numbers().left).toEqual(new Map([['unknown', 4]]))
    await close()
    expect(queue.deleted).toEqual([])
  })

  test('waits longer, the more often it came, up to fifteen minutes', async () => {
    const { queue, take, close } = open()
    for (const receives of [1, 2, 3, 6, 50]) queue.send(`log ${receives}`, { receives })
    for (const receives of [1, 2, 50]) queue.send(`log absent ${receives}`, { receives })
    for (const message of await take())
      message.leave(message.objects[0]?.key.startsWith('absent') ? 'absent' : 'failed')
    await passed(200)
    expect(queue.extended.map(({ seconds }) => seconds).toSorted((a, b) => a - b)).toEqual([
      5, 10, 30, 60, 120, 900, 900, 900,
    ])
    await close()
  })

  test('is given back at once if it was interrupted, however often it came', async () => {
    const { queue, take, close } = open()
    const receipt = queue.send('log a', { receives: 9 })
    for (const message of await take()) message.leave('interrupted')
    await passed(200)
    expect(queue.extended).toEqual([{ receipt, seconds: 0 }])
    await close()
  })

  test('is extended while it is held, and no longer', async () => {
    const { queue, take, close } = open()
    const receipt = queue.send('log a')
    const [message] = await take()
    await passed(visibilitySeconds * 2 * 1000)
    const extensions = queue.extended.length
    expect(extensions).toBe(6)
    expect(queue.extended.every((each) => each.receipt === receipt && each.seconds === visibilitySeconds)).toBe(true)
    message?.done()
    await passed(visibilitySeconds * 2 * 1000)
    expect(queue.extended).toHaveLength(extensions)
    await close()
  })

  test('is extended although another queue does not answer', async () => {
    const { queues, take, close } = open({ count: 2 })
    const [broken, sound] = queues
    if (broken === undefined || sound === undefined) throw new Error('there are two')
    let answer = () => undefined as void
    broken.extending = new Promise((resolve) => (answer = resolve))
    broken.send('log a')
    sound.send('log b')
    await take()
    await passed(visibilitySeconds * 1000)
    expect(sound.extended.length).toBeGreaterThan(0)
    answer()
    await close()
  })

  test('counts as deleted only if the queue deleted it', async () => {
    const { feed, queue, notes, take, close } = open()
    queue.stubborn.add(queue.send('log a'))
    queue.send('log b')
    for (const message of await take()) message.done()
    await passed(200)
    expect(feed.numbers().deleted).toBe(1)
    expect(notes).toEqual(['queue.receipt-expired: https://queue/0: the queue answers with queue.receipt-expired'])
    await close()
  })
})

describe('receivers', () => {
  test('never hold more than 2000 messages, and continue when there is room', async () => {
    const { feed, queues, take, close } = open({ count: 2 })
    for (const queue of queues) queue.sendMany(3000, 'log a')
    await passed(60_000)
    expect(feed.numbers().inFlight).toBeLessThanOrEqual(2000)
    expect(feed.numbers().inFlight).toBeGreaterThan(1900)
    const taken = await take()
    await passed(60_000)
    expect(feed.numbers().received).toBe(taken.length)
    for (const message of taken) message.done()
    await passed(60_000)
    expect(feed.numbers().received).toBeGreaterThan(3900)
    expect(feed.numbers().inFlight).toBeLessThanOrEqual(2000)
    await close()
  })

  test('help each other while answers are full, and then all but one end', async () => {
    const { queue, take, close } = open()
    expect(queue.mostPolls).toBe(1)
    let answer: () => void = () => undefined
    queue.sendMany(400, 'log a')
    await passed(0)
    queue.late = new Promise((resolve) => (answer = resolve))
    queue.sendMany(400, 'log b')
    await passed(0)
    answer()
    await passed(0)
    queue.late = undefined
    await passed(0)
    expect(queue.mostPolls).toBe(8)
    expect(await take()).toHaveLength(800)
    expect(queue.polls).toBe(1)
    await close()
  })

  test('wait for a message only once at a time for each queue', async () => {
    const { queue, close } = open()
    queue.sendMany(40, 'log a')
    await passed(100)
    const waits = queue.receives.map(({ waitSeconds }) => waitSeconds)
    expect(new Set(waits)).toEqual(new Set([20, 0]))
    expect(queue.polls).toBe(1)
    await close()
  })

  test('wait longer after each error, up to a minute, and receive again when the queue answers', async () => {
    const fails = ([queue]: readonly ScriptedQueue[]) => void (queue && (queue.failure = queueError('queue.failed')))
    const { feed, queue, notes, take, close } = open({ prepare: fails })
    await passed(185_000)
    const gaps = queue.receivedAtMs.slice(1).map((atMs, index) => atMs - (queue.receivedAtMs[index] ?? 0))
    expect(gaps).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    expect(feed.problem?.code).toBe('queue.failed')
    expect(notes).toEqual(['queue.failed: the queue answers with queue.failed'])

    queue.failure = undefined
    queue.send('log a')
    await passed(60_000)
    expect(feed.problem).toBeUndefined()
    expect(await take()).toHaveLength(1)
    queue.failure = queueError('queue.denied')
    queue.wake()
    const before = queue.receives.length
    await passed(1000)
    expect(queue.receives.length - before).toBe(1)
    expect(notes).toHaveLength(2)
    queue.failure = undefined
    await close()
  })

  test('make next reject with a bug that they meet', async () => {
    const { feed, queue, close } = open()
    vi.spyOn(queue, 'receive').mockRejectedValue(new TypeError('a bug'))
    queue.wake()
    await passed(100)
    await passed(20_000)
    await expect(feed.next(never)).rejects.toThrow('a bug')
    await close()
  })
})

describe('next', () => {
  test('resolves with nothing when its signal is aborted, and keeps what came for the next call', async () => {
    const { feed, queue, take, close } = open()
    const stop = new AbortController()
    const waiting = feed.next(stop.signal)
    await passed(1000)
    stop.abort()
    expect(await waiting).toEqual([])
    queue.send('log a')
    await passed(0)
    expect(await feed.next(stop.signal)).toEqual([])
    expect(await take()).toHaveLength(1)
    await close()
  })

  test('resolves with nothing once the feed is closed', async () => {
    const { feed, queue, close } = open()
    const waiting = feed.next(never)
    queue.send('log a')
    await waiting
    queue.send('log b')
    await passed(0)
    await close()
    expect(await feed.next(never)).toEqual([])
  })
})

describe('a feed that drains', () => {
  test('ends once every queue gave an empty answer and nothing is held', async () => {
    const { feed, queues, take, close } = open({ count: 2, drain: true })
    const [one, other] = queues
    one?.send('log a')
    other?.send('log b')
    const messages = await take()
    expect(messages).toHaveLength(2)
    let isOver = false
    const last = feed.next(never).then((some) => {
      isOver = true
      return some
    })
    await passed(30_000)
    expect({ isOver, isDrained: feed.isDrained }).toEqual({ isOver: false, isDrained: false })
    messages[0]?.done()
    await passed(30_000)
    expect(isOver).toBe(false)
    messages[1]?.leave('failed')
    expect(await last).toEqual([])
    expect(feed.isDrained).toBe(true)
    await close()
  })

  test('does not end while a queue has given no empty answer', async () => {
    let answer: () => void = () => undefined
    const late = new Promise<void>((resolve) => (answer = resolve))
    const { feed, close } = open({ count: 2, drain: true, prepare: ([, slow]) => void (slow && (slow.late = late)) })
    await passed(10_000)
    expect(feed.isDrained).toBe(false)
    answer()
    await passed(10_000)
    expect(feed.isDrained).toBe(true)
    await close()
  })

  test('does not end by an empty answer that is older than the last messages', async () => {
    let answer: () => void = () => undefined
    const lateHelpers = new Promise<void>((resolve) => (answer = resolve))
    const { feed, queue, take, close } = open({
      drain: true,
      prepare: ([one]) => void (one && (one.lateHelpers = lateHelpers)),
    })
    queue.sendMany(10, 'log a')
    await passed(4000)
    let end: () => void = () => undefined
    queue.late = new Promise((resolve) => (end = resolve))
    await passed(4000)
    queue.sendMany(10, 'log b')
    answer()
    for (const message of await take()) message.done()
    expect(feed.numbers()).toMatchObject({ received: 20, inFlight: 0 })
    expect(feed.isDrained).toBe(false)
    end()
    await close()
  })

  test('rejects if a queue cannot be read', async () => {
    const { feed, queues, close } = open({ count: 2, drain: true })
    const [, broken] = queues
    if (broken === undefined) throw new Error('there are two')
    broken.failure = queueError('queue.not-found')
    broken.wake()
    await passed(100)
    await expect(feed.next(never)).rejects.toMatchObject({ code: 'queue.not-found' })
    broken.failure = undefined
    await close()
  })
})

describe('close', () => {
  test('gives all held messages back at once, however often they came', async () => {
    const { feed, queue, take, close } = open()
    const receipts = [1, 5, 9].map((receives) => queue.send('log a', { receives }))
    await take()
    await close()
    expect(queue.extended).toEqual(receipts.map((receipt) => ({ receipt, seconds: 0 })))
    expect(feed.numbers()).toMatchObject({ inFlight: 0, stuck: new Map(), left: new Map([['interrupted', 3]]) })
  })

  test('gives back the messages of a receive that ends late', async () => {
    let answer: () => void = () => undefined
    const late = new Promise<void>((resolve) => (answer = resolve))
    const { feed, queue } = open({ prepare: ([one]) => void (one && (one.late = late)) })
    await passed(0)
    const closing = feed.close()
    await passed(10_000)
    expect(queue.isClosed).toBe(false)
    const receipt = queue.send('log a')
    answer()
    await passed(1000)
    await closing
    expect(queue.extended).toEqual([{ receipt, seconds: 0 }])
    expect(queue.isClosed).toBe(true)
  })

  test('gives back the messages of a queue although another does not answer', async () => {
    const { feed, queues, take } = open({ count: 2 })
    for (const queue of queues) queue.send('log a')
    await take()
    const [broken, sound] = queues
    let answer: () => void = () => undefined
    if (broken !== undefined) broken.extending = new Promise((resolve) => (answer = resolve))
    const closing = feed.close()
    await passed(10_000)
    expect(sound).toMatchObject({ isClosed: true, extended: [{ seconds: 0 }] })
    expect(broken?.isClosed).toBe(false)
    answer()
    await closing
  })

  test('gives messages back after an extension that is under way', async () => {
    const { feed, queue, take } = open()
    const receipt = queue.send('log a')
    await take()
    let answer: () => void = () => undefined
    queue.extending = new Promise((resolve) => (answer = resolve))
    await passed((visibilitySeconds * 1000) / 3 + 1)
    const closing = feed.close()
    await passed(3000)
    expect(queue.extended).toEqual([{ receipt, seconds: visibilitySeconds }])
    answer()
    await passed(100)
    await closing
    expect(queue.extended.at(-1)).toEqual({ receipt, seconds: 0 })
  })

  test('ends receives that wait, after two seconds', async () => {
    const { feed, queue } = open()
    await passed(0)
    const closing = feed.close()
    await passed(1900)
    expect(queue.polls).toBe(1)
    await passed(200)
    await closing
    expect(queue.polls).toBe(0)
  })

  test('deletes what is done, and ignores what is done later', async () => {
    const { queue, take, close } = open()
    const receipts = [queue.send('log a'), queue.send('log b')]
    const [one, other] = await take()
    one?.done()
    await close()
    other?.done()
    await passed(1000)
    expect(queue.deleted).toEqual([receipts[0]])
  })
})

describe('stuck messages', () => {
  test('are those that came too often, until they are deleted', async () => {
    const { feed, queue, take, close } = open({ maxReceives: 3 })
    const leaveAll = async () => {
      for (const message of await take()) message.leave('failed')
    }
    queue.send('log a', { id: 'a', receives: 3 })
    queue.send('log b', { id: 'b', receives: 4 })
    queue.send('{odd}', { id: 'c', receives: 4 })
    await leaveAll()
    expect(feed.numbers().stuck).toEqual(
      new Map([
        ['unknown', 1],
        ['failed', 1],
      ]),
    )
    queue.send('log b', { id: 'b', receives: 5 })
    for (const message of await take()) message.done()
    expect(feed.numbers().stuck).toEqual(new Map([['unknown', 1]]))
    await passed(3_700_000)
    expect(feed.numbers().stuck).toEqual(new Map())
    await close()
  })

  test('do not count when they are given back', async () => {
    const { feed, queue, take, close } = open({ maxReceives: 3 })
    queue.send('log a', { receives: 9 })
    for (const message of await take()) message.leave('interrupted')
    expect(feed.numbers().stuck).toEqual(new Map())
    await close()
  })
})

test('tells the age of the oldest message in work', async () => {
  const { feed, queue, take, close } = open()
  queue.send('log a')
  await take()
  await passed(5000)
  queue.send('log b')
  const [second] = await take()
  expect(feed.numbers().oldestMs).toBe(5000)
  second?.done()
  expect(feed.numbers().inFlight).toBe(1)
  await close()
  expect(feed.numbers().oldestMs).toBeUndefined()
})

test('warns of no leak, however many queues there are', async () => {
  const warned: string[] = []
  const onWarning = ({ name }: Error) => void warned.push(name)
  process.on('warning', onWarning)
  const { queues, close } = open({ count: 12 })
  for (const queue of queues) queue.sendMany(400, 'log a')
  await passed(1000)
  await close()
  vi.useRealTimers()
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.off('warning', onWarning)
  expect(warned).toEqual([])
})
