import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Crew, type Helper, type HelperFrame, type HelperSource } from '../../src/work/crew.ts'
import type { OnTaken } from '../../src/work/object-taker.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import type { RunEvent } from '../../src/work/run-event.ts'
import { UnderWay } from '../../src/work/under-way.ts'
import { logObject } from './log-object.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Reports of each object, a turn later, who took it. */
class TestHelper implements Helper {
  load = 0
  readonly maxLoad: number
  most = 0
  taken = 0
  closed = false
  readonly #onRoom: (count: number) => void

  constructor(maxLoad: number, { onRoom }: HelperFrame) {
    this.maxLoad = maxLoad
    this.#onRoom = onRoom
  }

  take(object: ReturnType<typeof logObject>, account: string, onTaken: OnTaken): void {
    this.most = Math.max(this.most, ++this.load)
    this.taken++
    void turn().then(() => {
      this.load--
      onTaken({ status: 'done', account, object, bytes: 1 })
      this.#onRoom(1)
    })
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

interface CrewWorld {
  readonly maxTasks?: number
  readonly objects: number
  readonly helpers?: number
  readonly maxLoad?: number
  readonly worthFrom?: number
  readonly isBusy?: boolean
  readonly idleCores?: number
  readonly start?: HelperSource['start']
  readonly stopAfter?: number
}

async function takeAll(given: CrewWorld) {
  const {
    maxTasks = 2,
    objects,
    helpers = 1,
    maxLoad = 3,
    worthFrom,
    stopAfter = Infinity,
    isBusy = true,
    idleCores = 8,
  } = given
  const stopped = new AbortController()
  const events: RunEvent[] = []
  const started: TestHelper[] = []
  const told = new Map<string, (Outcome | undefined)[]>()
  let underWay = 0
  let most = 0
  const crew = new Crew<undefined>({
    bucketOf: () => undefined,
    action: {
      take: (object, account) => async () => {
        most = Math.max(most, ++underWay)
        await turn()
        underWay--
        return { status: 'done', account, object, bytes: 1 }
      },
      close: () => Promise.resolve(),
    },
    maxTasks,
    helpers: {
      count: helpers,
      worthFrom,
      start:
        given.start ??
        (async (frame) => {
          await turn()
          const helper = new TestHelper(maxLoad, frame)
          started.push(helper)
          return helper
        }),
    },
    listener: (event) => void events.push(event),
    signal: stopped.signal,
    isBusy: () => isBusy,
    idleCores: () => idleCores,
    actSignal: new AbortController().signal,
    onFatal: (error) => {
      throw error
    },
  })
  crew.expect(objects)
  const waiting = new UnderWay()
  for (let serial = 0; serial < objects; serial++) {
    if (serial === stopAfter) stopped.abort()
    const key = `k${serial}`
    told.set(key, [])
    waiting.begin()
    const room = crew.take(logObject(key), 'B', undefined, (outcome) => {
      told.get(key)?.push(outcome)
      waiting.end()
    })
    if (room !== undefined) await room
  }
  await waiting.ended()
  await crew.close()
  return { started, events, told: [...told.values()], most }
}

describe('a crew', () => {
  it('takes every object once, and gives no thread more than it can hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          maxTasks: fc.integer({ min: 1, max: 5 }),
          objects: fc.nat(60),
          helpers: fc.integer({ min: 1, max: 3 }),
          maxLoad: fc.integer({ min: 1, max: 5 }),
        }),
        async (world) => {
          const { started, told, most } = await takeAll(world)
          expect(told.map((outcomes) => outcomes.map((outcome) => outcome?.status))).toEqual(
            Array.from({ length: world.objects }, () => ['done']),
          )
          expect(most).toBeLessThanOrEqual(world.maxTasks)
          for (const helper of started) {
            expect(helper.most).toBeLessThanOrEqual(world.maxLoad)
            expect(helper.closed).toBe(true)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('uses all its helpers', async () => {
    const { started } = await takeAll({ objects: 100, helpers: 3 })
    expect(started.map(({ taken }) => taken > 10)).toEqual([true, true, true])
  })

  it.each([
    { why: 'all have room', objects: 100, maxTasks: 100, worthFrom: 2, threads: 0 },
    { why: 'there are too few objects', objects: 90, maxTasks: 2, worthFrom: 100, threads: 0 },
    {
      why: 'the server is slower than this thread',
      objects: 110,
      maxTasks: 2,
      worthFrom: 100,
      isBusy: false,
      threads: 0,
    },
    { why: 'no core is idle', objects: 110, maxTasks: 2, worthFrom: 100, helpers: 3, idleCores: 0.8, threads: 0 },
    { why: 'two cores are idle', objects: 110, maxTasks: 2, worthFrom: 100, helpers: 3, idleCores: 1.9, threads: 2 },
    { why: 'there are enough objects', objects: 110, maxTasks: 2, worthFrom: 100, threads: 1 },
    { why: 'their number is given', objects: 110, maxTasks: 2, helpers: 2, idleCores: 0, threads: 2 },
  ])('starts $threads threads if $why', async ({ threads, ...world }) => {
    const { started } = await takeAll(world)
    expect(started).toHaveLength(threads)
  })

  it('continues without a thread that cannot start, and reports it', async () => {
    const start = () => Promise.reject(new Error('no memory'))
    const { told, events } = await takeAll({ objects: 20, start })
    expect(told.flat().map((outcome) => outcome?.status)).toEqual(Array.from({ length: 20 }, () => 'done'))
    expect(events).toMatchObject([{ type: 'note', level: 'warning', code: 'work.no-thread' }])
    expect(events).toHaveLength(1)
  })

  it('gives up waiting objects when the run stops taking', async () => {
    const { told } = await takeAll({ objects: 3, maxTasks: 1, helpers: 0, stopAfter: 2 })
    expect(told.flat().map((outcome) => outcome?.status)).toEqual(['done', 'done', undefined])
  })
})
