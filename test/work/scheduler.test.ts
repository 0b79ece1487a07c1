import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import type { Slice } from '../../src/trail/slice.ts'
import { Scheduler, type SchedulerOptions } from '../../src/work/scheduler.ts'
import { Hunger, type SliceExchange, type SliceWorker } from '../../src/work/slice-worker.ts'

function slice(account: string, name: string): Slice {
  return {
    account,
    logAccount: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events',
    prefix: name,
    window: {},
  }
}

class TestWorker implements SliceWorker {
  readonly capacity: number
  readonly seen: string[] = []
  most = 0
  #running = 0
  readonly #behave: (slice: Slice, exchange: SliceExchange) => Promise<void>

  constructor(
    capacity: number,
    behave: (slice: Slice, exchange: SliceExchange) => Promise<void> = () => Promise.resolve(),
  ) {
    this.capacity = capacity
    this.#behave = behave
  }

  async run(one: Slice, exchange: SliceExchange): Promise<void> {
    this.seen.push(one.prefix)
    this.most = Math.max(this.most, ++this.#running)
    try {
      await new Promise((resolve) => setImmediate(resolve))
      await this.#behave(one, exchange)
    } finally {
      this.#running--
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function schedulerOf(worker: TestWorker, overrides: Partial<SchedulerOptions<Slice>> = {}) {
  return new Scheduler<Slice>({
    worker,
    hunger: new Hunger(),
    split: true,
    onSliceFailed: () => undefined,
    onListed: () => undefined,
    ...overrides,
  })
}

describe('the scheduler', () => {
  it('runs every slice once, within the capacity, also slices that were split off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (splits, capacity) => {
          const behave = (one: Slice, { giveAway }: SliceExchange): Promise<void> => {
            const parts = one.prefix.includes('.') ? 0 : Number(one.prefix.split('-')[1])
            for (let part = 0; part < parts; part++) giveAway(slice('B', `${one.prefix}.${part}`))
            return Promise.resolve()
          }
          const worker = new TestWorker(capacity, behave)
          await schedulerOf(worker).run(
            'B',
            splits.map((count, index) => slice('B', `${index}-${count}`)),
          )
          const expected = splits.flatMap((count, index) => [
            `${index}-${count}`,
            ...Array.from({ length: count }, (_, part) => `${index}-${count}.${part}`),
          ])
          expect(worker.seen.sort()).toEqual(expected.sort())
          expect(worker.most).toBeLessThanOrEqual(capacity)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('continues after a slice that failed, and reports it', async () => {
    const failed: string[] = []
    const worker = new TestWorker(1, (one) =>
      one.prefix === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve(),
    )
    const scheduler = schedulerOf(worker, { onSliceFailed: ({ prefix }) => failed.push(prefix) })
    await scheduler.run('B', [slice('B', 'bad'), slice('B', 'good')])
    expect([failed, worker.seen]).toEqual([['bad'], ['bad', 'good']])
  })

  it('drops the queued slices of an account, and ends its run', async () => {
    const scheduler: Scheduler<Slice> = schedulerOf(
      new TestWorker(1, () => {
        scheduler.drop('B', '222222222222' as AccountId)
        return Promise.resolve()
      }),
    )
    await scheduler.run('B', [slice('B', '1'), slice('B', '2'), slice('B', '3')])
  })

  it('reports an account as listed when its last slice is, even if objects are under way', async () => {
    const events: string[] = []
    let finishObjects = (): void => undefined
    const worker = new TestWorker(2, async (one, { listed }) => {
      listed()
      if (one.prefix === 'slow') await new Promise<void>((resolve) => (finishObjects = resolve))
      events.push(`${one.prefix} done`)
    })
    const scheduler = schedulerOf(worker, {
      onListed: (account) => {
        events.push(`${account} listed`)
        finishObjects()
      },
    })
    await scheduler.run('B', [slice('B', 'slow'), slice('B', 'quick')])
    expect(events.indexOf('B listed')).toBeLessThan(events.indexOf('slow done'))
  })

  it('is hungry for as many slices as it has free places, unless slices stay whole', async () => {
    const hungers: boolean[][] = []
    for (const split of [true, false]) {
      const hunger = new Hunger()
      const worker = new TestWorker(3, () => {
        hungers.push([hunger.take(), hunger.take(), hunger.take()])
        return Promise.resolve()
      })
      await schedulerOf(worker, { hunger, split }).run('B', [slice('B', 'only')])
    }
    expect(hungers).toEqual([
      [true, true, false],
      [false, false, false],
    ])
  })
})
