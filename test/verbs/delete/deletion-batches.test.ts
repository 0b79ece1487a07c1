import { expect, test } from 'vitest'
import { CrosstrailError, type ErrorCode } from '../../../src/error.ts'
import type { DeleteAnswer, DeleteItem } from '../../../src/s3/delete-answers.ts'
import { type BatchesOptions, DeletionBatches } from '../../../src/verbs/delete/deletion-batches.ts'
import type { Deletion } from '../../../src/verbs/delete/deletion.ts'
import { KeyRate } from '../../../src/verbs/delete/key-rate.ts'
import { log } from './plan-world.ts'

const deletions = (count: number, account = 'Z'): Deletion[] =>
  Array.from({ length: count }, (_, at) => ({
    account,
    object: log(at),
    item: { key: log(at).key, etag: log(at).etag },
  }))

const deleted = (item: DeleteItem): DeleteAnswer => ({ status: 'deleted', item })
const failed = (item: DeleteItem, code: ErrorCode): DeleteAnswer => ({
  status: 'failed',
  item,
  error: new CrosstrailError(code, 'no'),
})

function world(overrides: Partial<BatchesOptions> = {}) {
  const calls: (readonly DeleteItem[])[] = []
  const events: string[] = []
  const settled = new Map<string, DeleteAnswer>()
  const options: BatchesOptions = {
    send: (_account, items) => Promise.resolve(items.map(deleted)),
    intend: (batch) => void events.push(`intend ${batch.length}`),
    settle: (answer) => void settled.set(answer.item.key, answer),
    rate: new KeyRate({ nowMs: () => performance.now(), keysPerSecond: 1e9 }),
    retry: { maxAttempts: 4, baseDelayMs: 1, maxDelayMs: 2 },
    signal: new AbortController().signal,
    ...overrides,
  }
  const { send } = options
  const batches = new DeletionBatches({
    ...options,
    send: (account, items) => {
      calls.push(items)
      events.push(`send ${items.length}`)
      return send(account, items)
    },
  })
  /** The codes of the errors of those that got no answer. */
  const run = async (all: readonly Deletion[]): Promise<unknown[]> => {
    const answers = all.map((deletion) => batches.add(deletion))
    for (const account of new Set(all.map((deletion) => deletion.account))) batches.flush(account)
    const ended = await Promise.allSettled(answers)
    return ended.flatMap((one) => (one.status === 'rejected' ? [(one.reason as CrosstrailError).code] : []))
  }
  return { calls, events, settled, run }
}

test('a call has at most 1,000 keys of one account, each intended before it is sent', async () => {
  const { calls, events, settled, run } = world()
  await run([...deletions(2_300), ...deletions(5, 'Y')])
  expect(calls.map(({ length }) => length).sort((a, b) => b - a)).toEqual([1_000, 1_000, 300, 5])
  expect(settled.size).toBe(2_300)
  let open = 0
  for (const event of events) {
    const [what, count] = event.split(' ')
    open += what === 'intend' ? Number(count) : -Number(count)
    expect(open).toBeGreaterThanOrEqual(0)
  }
})

test('only items without an answer, and those that failed for a passing reason, are retried', async () => {
  let attempt = 0
  const { calls, settled, run } = world({
    send: (_account, items) => {
      attempt++
      if (attempt > 1) return Promise.resolve(items.map(deleted))
      const [slow, refused, silent, ...rest] = items
      if (slow === undefined || refused === undefined || silent === undefined) throw new Error('too few')
      return Promise.resolve([
        failed(slow, 'bucket.slow-down'),
        failed(refused, 'object.changed'),
        ...rest.map(deleted),
      ])
    },
  })
  await run(deletions(10))
  expect(calls.map((items) => items.map(({ key }) => key))).toEqual([
    deletions(10).map(({ item }) => item.key),
    [log(0).key, log(2).key],
  ])
  expect([...settled.values()].filter(({ status }) => status === 'failed')).toHaveLength(1)
})

test('a call that fails for a passing reason is retried, and given up in the end with its error', async () => {
  const { calls, settled, run } = world({
    send: () => Promise.reject(new CrosstrailError('network.broken', 'reset')),
  })
  await run(deletions(3))
  expect(calls).toHaveLength(4)
  expect([...settled.values()].map((answer) => answer.status === 'failed' && answer.error.code)).toEqual(
    Array.from({ length: 3 }, () => 'network.broken'),
  )
})

test('a refusal is not retried', async () => {
  const { calls, run } = world({ send: () => Promise.reject(new CrosstrailError('access.delete-denied', 'no')) })
  await run(deletions(3))
  expect(calls).toHaveLength(1)
})

test('after an interrupt no more batches are sent, and those in flight settle', async () => {
  const controller = new AbortController()
  const { calls, settled, run } = world({
    signal: controller.signal,
    send: (_account, items) => {
      controller.abort()
      return Promise.resolve(items.map(deleted))
    },
  })
  expect(await run(deletions(5_000))).toEqual(Array.from({ length: 4_000 }, () => 'interrupted'))
  expect(calls).toHaveLength(1)
  expect(settled.size).toBe(1_000)
})

test('an interrupt ends the wait before a retry', async () => {
  const controller = new AbortController()
  const { calls, run } = world({
    signal: controller.signal,
    retry: { maxAttempts: 4, baseDelayMs: 60_000, maxDelayMs: 60_000 },
    send: (_account, [slow, ...rest]) => {
      setTimeout(() => controller.abort(), 5)
      return Promise.resolve([...(slow ? [failed(slow, 'bucket.slow-down')] : []), ...rest.map(deleted)])
    },
  })
  expect(await run(deletions(3))).toEqual(['interrupted'])
  expect(calls).toHaveLength(1)
})

test('nothing is sent if the journal cannot be written', async () => {
  const { calls, run } = world({
    intend: () => {
      throw new CrosstrailError('disk.journal', 'full')
    },
  })
  expect(await run(deletions(2))).toEqual(['disk.journal', 'disk.journal'])
  expect(calls).toEqual([])
})

test('at most four calls are in flight', async () => {
  let [open, most] = [0, 0]
  const { run } = world({
    send: async (_account, items) => {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setTimeout(resolve, 2))
      open--
      return items.map(deleted)
    },
  })
  await run([...deletions(6_000), ...deletions(5, 'Y'), ...deletions(5, 'X')])
  expect(most).toBe(4)
})

test('a deletion that is named twice gets the worse of two answers', async () => {
  const { run, settled } = world({
    send: (_account, items) =>
      Promise.resolve(items.map((item, at) => (at === 0 ? failed(item, 'object.changed') : deleted(item)))),
  })
  expect(await run([...deletions(1), ...deletions(1)])).toEqual([])
  expect([...settled.values()].map(({ status }) => status)).toEqual(['failed'])
})

test('a bug is thrown as it is', async () => {
  const { run } = world({ send: () => Promise.reject(Object.assign(new TypeError('a bug'), { code: 'a bug' })) })
  expect(await run(deletions(1))).toEqual(['a bug'])
})
