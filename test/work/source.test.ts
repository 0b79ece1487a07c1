import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { sourceWorker } from '../../src/work/inline-worker.ts'
import type { ObjectAction } from '../../src/work/object-action.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import { runSource } from '../../src/work/run.ts'
import type { Reading, Source, SourceSlice } from '../../src/work/source.ts'
import { logObject } from './log-object.ts'
import { everything, takeAll } from './run-world.ts'

type Read = (slice: SourceSlice, reading: Reading<SourceSlice>) => Promise<void>

interface SourceWorld {
  readonly read: Read
  readonly action?: Partial<ObjectAction<unknown, unknown, SourceSlice>>
  readonly maxTasks?: number
  readonly signal?: AbortSignal
}

/** Runs accounts B and Z over a source without a bucket, with a slice for each. */
async function run({ read, action, maxTasks = 4, signal = new AbortController().signal }: SourceWorld) {
  const outcomes: Outcome[] = []
  const source: Source<SourceSlice> = {
    plan: ({ assignment: { account } }) => Promise.resolve([{ account }]),
    read,
  }
  const report = await runSource({
    layout: { prefix: '' },
    accounts: [
      { label: 'B', id: '222222222222' as AccountId, reads: 'own' },
      { label: 'Z', id: '444444444444' as AccountId, reads: 'all' },
    ],
    selection: everything,
    sorted: false,
    plan: source.plan,
    openBucket: () => Promise.resolve(undefined),
    startWorker: (frame) =>
      sourceWorker({
        ...frame,
        source,
        action: { ...takeAll, ...action } as ObjectAction<undefined, unknown, SourceSlice>,
        bucketOf: () => undefined,
        listings: 2,
        maxTasks,
      }),
    listener: (event) => {
      if (event.type === 'outcome') outcomes.push(event.outcome)
    },
    signal,
  })
  const keys = outcomes.map(({ account, object }) => `${account} ${object.key}`).sort()
  return { report, outcomes, keys }
}

const pageOf = (...keys: string[]) => ({ objects: keys.map((key) => logObject(key)) })

describe('a source without a bucket', () => {
  it('has all its objects taken, by the account of each slice', async () => {
    const { keys, report } = await run({
      async read({ account }, { take }) {
        await take(pageOf(`${account}1`, `${account}2`))
        await take(pageOf(`${account}3`))
      },
    })
    expect(keys).toEqual(['B B1', 'B B2', 'B B3', 'Z Z1', 'Z Z2', 'Z Z3'])
    expect(report.accounts.map(({ tally }) => tally.done)).toEqual([3, 3])
  })

  it('may add facts to each object, although keys repeat', async () => {
    const seen: unknown[] = []
    await run({
      read: async (_, { take }) => void (await take({ ...pageOf('k', 'k'), twins: ['first', 'second'] })),
      action: {
        take(object, account, _bucket, twin) {
          seen.push(twin)
          return { status: 'done', account, object, bytes: 0 }
        },
      },
    })
    expect(seen).toEqual(['first', 'second', 'first', 'second'])
  })

  it('learns that a page had to wait for room', async () => {
    const waits: boolean[] = []
    await run({
      maxTasks: 1,
      async read({ account }, { take }) {
        if (account === 'B') return
        waits.push(await take(pageOf('1')))
        waits.push(await take(pageOf('2')))
      },
      action: {
        take: (object, account) => async () => {
          await new Promise((resolve) => setImmediate(resolve))
          return { status: 'done', account, object, bytes: 0 }
        },
      },
    })
    expect(waits).toEqual([false, true])
  })

  it('lets an action act on its batch when a slice was read', async () => {
    const gathered = new Map<string, (() => void)[]>()
    const { report } = await run({
      read: async ({ account }, { take }) => void (await take(pageOf(`${account}1`, `${account}2`))),
      action: {
        take: (object, account) => async () => {
          await new Promise<void>((resolve) => {
            const waiting = gathered.get(account) ?? []
            gathered.set(account, [...waiting, resolve])
          })
          return { status: 'done', account, object, bytes: 0 }
        },
        allGiven: (account) => gathered.get(account)?.forEach((resolve) => resolve()),
      },
    })
    expect(report.total.done).toBe(4)
  })

  it('limits only the number of objects if the action holds no bodies', async () => {
    let most = 0
    let open = 0
    await run({
      maxTasks: 50,
      read: async (_, { take }) => {
        const objects = Array.from({ length: 20 }, (_one, at) => logObject(`k${at}`, 8 * 1024 * 1024))
        await take({ objects })
      },
      action: {
        holdsBodies: false,
        take: (object, account) => async () => {
          most = Math.max(most, ++open)
          await new Promise((resolve) => setImmediate(resolve))
          open--
          return { status: 'done', account, object, bytes: 0 }
        },
      },
    })
    expect(most).toBe(40)
  })

  it('fails only its own account if it cannot be read, after its objects were taken', async () => {
    const { report, keys } = await run({
      async read({ account }, { take }) {
        await take(pageOf(account))
        if (account === 'B') throw new CrosstrailError('access.list-denied', 'no')
      },
    })
    expect(keys).toEqual(['B B', 'Z Z'])
    expect(report.accounts.map(({ error }) => error?.code)).toEqual(['access.list-denied', undefined])
  })

  it('has nothing more taken after an interrupt', async () => {
    const stop = new AbortController()
    const { keys, report } = await run({
      signal: stop.signal,
      async read({ account }, { take }) {
        if (account === 'B') return
        await take(pageOf('1'))
        stop.abort()
        await take(pageOf('2'))
      },
    })
    expect(keys).toEqual(['Z 1'])
    expect(report.interrupted).toBe(true)
  })
})
