import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import type { ObjectAction } from '../../src/work/object-action.ts'
import type { FromThread, TakenObject, ToThread } from '../../src/work/thread-protocol.ts'
import { serveThread, type ThreadFrame } from '../../src/work/thread-side.ts'
import { logObject } from './log-object.ts'

type Take = ObjectAction<unknown>['take']

/** Runs the inside of a thread, and talks to it through a port. */
function serve(takeWith: (frame: ThreadFrame) => Take, maxTasks = 2) {
  const { port1, port2 } = new MessageChannel()
  const said: FromThread[] = []
  let closed = 0
  port1.on('message', (message: FromThread) => said.push(message))
  serveThread(port2, (frame) => ({
    action: { take: takeWith(frame), close: () => Promise.resolve(void closed++) },
    bucketOf: () => undefined,
    maxTasks,
    close: () => Promise.resolve(void closed++),
  }))
  const post = (message: ToThread): void => port1.postMessage(message)
  return {
    said,
    post,
    hand: (...ids: number[]) =>
      post({ type: 'objects', objects: ids.map((id) => ({ id, account: 'B', object: logObject(`k${id}`) })) }),
    async end() {
      post({ type: 'close' })
      await once(port1, 'close')
      return {
        taken: said.flatMap((message): readonly TakenObject[] => (message.type === 'taken' ? message.objects : [])),
        closed,
      }
    },
  }
}

const done: Take = (object, account) => ({ status: 'done', account, object, bytes: 1 })

describe('the inside of a helper thread', () => {
  it('reports every object before it closes', async () => {
    const thread = serve(
      () => (object, account) => () => Promise.resolve({ status: 'done', account, object, bytes: 1 }),
    )
    thread.hand(...Array.from({ length: 200 }, (_, id) => id))
    const { taken, closed } = await thread.end()
    expect(taken.map(({ id, outcome }) => [id, outcome?.status])).toEqual(
      Array.from({ length: 200 }, (_, id) => [id, 'done']),
    )
    expect(closed).toBe(2)
    expect(thread.said.filter(({ type }) => type === 'taken').length).toBeLessThan(50)
  })

  it('acts on no more objects at a time than allowed', async () => {
    let underWay = 0
    let most = 0
    const thread = serve(() => (object, account) => async () => {
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay--
      return { status: 'done', account, object, bytes: 1 }
    })
    thread.hand(1, 2, 3, 4, 5)
    await thread.end()
    expect(most).toBe(2)
  })

  it('stops taking on request, and finishes what it took', async () => {
    let finish = (): void => undefined
    const thread = serve(
      () => (object, account) => () =>
        new Promise((resolve) => (finish = () => resolve({ status: 'done', account, object, bytes: 1 }))),
      1,
    )
    thread.hand(1, 2, 3)
    await new Promise((resolve) => setTimeout(resolve, 50))
    thread.post({ type: 'stop-taking' })
    await new Promise((resolve) => setTimeout(resolve, 50))
    finish()
    const { taken } = await thread.end()
    expect(taken.toSorted((a, b) => a.id - b.id).map(({ outcome }) => outcome?.status)).toEqual([
      'done',
      undefined,
      undefined,
    ])
  })

  it('gives up objects under way when it is stopped', async () => {
    const thread = serve(
      ({ actSignal }) =>
        () =>
        () =>
          new Promise((_, reject) =>
            actSignal.addEventListener('abort', () =>
              reject(new CrosstrailError('interrupted', 'the run was interrupted')),
            ),
          ),
    )
    thread.hand(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    thread.post({ type: 'stop' })
    const { taken } = await thread.end()
    expect(taken).toEqual([{ id: 1, outcome: undefined }])
    expect(thread.said.map(({ type }) => type)).not.toContain('fatal')
  })

  it.each<[string, Take]>([
    [
      'when it is asked for',
      () => {
        throw new TypeError('a bug')
      },
    ],
    ['later', () => () => Promise.reject(new TypeError('a bug'))],
  ])('ends the run for a bug that comes %s, and forgets no object', async (_, take) => {
    const thread = serve(
      () =>
        (object, ...more) =>
          object.key === 'k1' ? take(object, ...more) : done(object, ...more),
    )
    thread.hand(1, 2)
    const { taken } = await thread.end()
    expect(thread.said).toContainEqual({
      type: 'fatal',
      error: expect.objectContaining({ code: undefined, message: 'a bug' }),
    })
    expect(taken.toSorted((a, b) => a.id - b.id)).toMatchObject([
      { id: 1, outcome: undefined },
      { id: 2, outcome: { status: 'done' } },
    ])
  })

  it('ends the run for a full disk, and reports the object', async () => {
    const full = new CrosstrailError('disk.full', 'full')
    const thread = serve(() => () => () => Promise.reject(full))
    thread.hand(1)
    const { taken } = await thread.end()
    expect(taken).toMatchObject([{ id: 1, outcome: { status: 'failed', error: { code: 'disk.full' } } }])
    expect(thread.said).toContainEqual({ type: 'fatal', error: expect.objectContaining({ code: 'disk.full' }) })
  })

  it('says why it cannot be built', async () => {
    const { port1, port2 } = new MessageChannel()
    const said = once(port1, 'message')
    serveThread(port2, () => {
      throw new CrosstrailError('disk.not-writable', 'no')
    })
    expect(await said).toMatchObject([{ type: 'cannot-start', error: { code: 'disk.not-writable' } }])
    port1.close()
  })
})
