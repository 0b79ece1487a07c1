import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { syntheticKeys } from '../../src/lab/synthetic-keys.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { parseKey } from '../../src/trail/key.ts'
import { compareKeys } from '../../src/trail/key-order.ts'
import { windowHolds } from '../../src/trail/window.ts'
import type { DoneOutcome } from '../../src/work/outcome.ts'
import type { RunEvent } from '../../src/work/run-event.ts'
import { everything, openRunWorld, type RunWorld, takeAll } from './run-world.ts'

const layout = { prefix: '' }
const busy = '222222222222' as AccountId
const denied = '333333333333' as AccountId
/** Keys of one log account in one region: several pages of a listing. */
const dense = 4000
let world: RunWorld
let logs: string[]

beforeAll(async () => {
  world = await openRunWorld({ sample: { objects: 800, digests: true } })
  world.lab.bucket().putShared(syntheticKeys({ count: dense, logAccount: busy, region: 'ap-south-1' }), 'x')
  logs = world.lab
    .bucket()
    .keys()
    .filter((key) => parseKey(key, layout) !== undefined)
})
afterAll(() => world.close())

function failing(code: 'object.gone' | 'disk.full' | 'object.archived', at: number) {
  let taken = 0
  return {
    ...takeAll,
    take: (object: DoneOutcome['object'], account: string) => (): Promise<DoneOutcome> =>
      ++taken === at
        ? Promise.reject(new CrosstrailError(code, 'as the test wants it'))
        : Promise.resolve({ status: 'done', account, object, bytes: 1 }),
  }
}

const counted = () => ({
  start: () => undefined,
  data: () => undefined,
  finish: () => undefined,
  discard: () => undefined,
})

describe('a run', () => {
  it('takes every log of the bucket once, and counts foreign objects', async () => {
    const { done, report } = await world.run()
    expect([...done].sort(compareKeys)).toEqual([...logs].sort(compareKeys))
    expect(report.total.done).toBe(logs.length)
    expect(report.total.skipped.foreign).toBeGreaterThan(0)
    expect(report.accounts[0]?.error).toBeUndefined()
  })

  it('takes exactly the logs delivered inside the window, wherever its ends are', async () => {
    const minute = fc.integer({ min: Date.UTC(2026, 9, 31) / 60_000, max: Date.UTC(2026, 10, 9) / 60_000 })
    await fc.assert(
      fc.asyncProperty(
        fc.option(minute, { nil: undefined }),
        fc.option(minute, { nil: undefined }),
        async (from, to) => {
          const window = { fromMs: from && from * 60_000, toMs: to && to * 60_000 + 30_000 }
          const expected = logs.filter((key) => windowHolds(window, parseKey(key, layout)?.deliveredAtMs ?? NaN))
          const { done } = await world.run({ selection: { ...everything, window } })
          expect([...done].sort(compareKeys)).toEqual([...expected].sort(compareKeys))
        },
      ),
      { numRuns: 15 },
    )
  })

  it('splits a dense slice among idle workers', async () => {
    const selection = { ...everything, logAccounts: [busy], regions: ['ap-south-1'], kinds: ['events' as const] }
    world.lab.requests.clear()
    const { done } = await world.run({ selection, listings: 8 })
    expect(new Set(done).size).toBe(dense)
    expect(done.length).toBe(dense)
    const starts = world.lab.requests.recent('ListObjectsV2').filter(({ query }) => !query.has('continuation-token'))
    expect(starts.length).toBeGreaterThan(2)
    expect(world.lab.requests.count('ListObjectsV2')).toBeLessThan(dense / 1000 + 2 * starts.length)
  })

  it('prints no leak warning, however many calls are under way', async () => {
    const warnings: string[] = []
    const note = ({ name }: Error): void => void warnings.push(name)
    process.on('warning', note)
    await world.run({ listings: 64 })
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  it('with sorted, lists whole slices one after the other, in key order', async () => {
    const { done } = await world.run({ sorted: true })
    expect(done).toEqual([...logs].sort(compareKeys))
  })

  it('lists one folder if it is named, and checks once more if it is empty', async () => {
    world.lab.requests.clear()
    await world.run({ selection: { ...everything, logAccounts: [busy], regions: ['eu-north-1'], kinds: ['events'] } })
    expect(world.lab.requests.count('ListObjectsV2')).toBe(2)
    world.lab.requests.clear()
    const regions = ['us-east-1']
    await world.run({ selection: { ...everything, logAccounts: [busy], regions, kinds: ['events'] } })
    expect(world.lab.requests.count('ListObjectsV2')).toBe(1)
  })

  it('finds folders after thousands of objects beside them', async () => {
    const notes = Array.from({ length: 2500 }, (_, serial) => `AWSLogs/!note${String(serial).padStart(4, '0')}`)
    world.lab.bucket().putShared(notes, 'x')
    const { done, report } = await world.run()
    for (const note of notes) world.lab.bucket().delete(note)
    expect(report.accounts[0]?.error).toBeUndefined()
    expect(done.length).toBe(logs.length)
  })

  it('skips and counts excluded logs', async () => {
    const { report, done } = await world.run({ selection: { ...everything, exclude: ['*_ap-south-1_*'] } })
    expect(report.total.skipped.unselected).toBe(dense)
    expect(done.length).toBe(logs.length - dense)
  })

  it('continues after an object that failed', async () => {
    const { report } = await world.run({ action: failing('object.gone', 5) })
    expect(report.total).toMatchObject({ failed: 1, done: logs.length - 1, failures: { 'object.gone': 1 } })
  })

  it('counts an object that proves archived as skipped', async () => {
    const { report } = await world.run({ action: failing('object.archived', 5) })
    expect(report.total).toMatchObject({ failed: 0, skipped: { archived: 1 } })
  })

  it('stops all accounts for a full disk, and reports it', async () => {
    const { report } = await world.run({ action: failing('disk.full', 5) })
    expect(report.error?.code).toBe('disk.full')
    expect(report.total.done).toBeLessThan(logs.length)
    expect(report.interrupted).toBe(false)
  })

  it('gives each object taken an outcome when a limit is reached', async () => {
    let taken = 0
    const action = {
      ...takeAll,
      take: (object: DoneOutcome['object'], account: string) =>
        ++taken > 50
          ? ({ status: 'skipped', account, object, reason: 'limit' } as const)
          : () =>
              world.bucket
                .get({ key: object.key }, counted)
                .then(() => ({ status: 'done', account, object, bytes: 1 }) as const),
    }
    world.lab.setFaults({ rules: [{ fault: 'slowDown', probability: 0.6, operations: ['GetObject'] }] })
    const { report } = await world.run({ action })
    world.lab.setFaults({})
    expect(report.total.done).toBe(50)
  })

  it('rejects for a bug', async () => {
    const action = { ...takeAll, take: () => () => Promise.reject(new TypeError('a bug')) }
    await expect(world.run({ action })).rejects.toThrow('a bug')
  })

  it('continues with the other accounts if one has no access', async () => {
    const { report, events } = await world.run({
      accounts: [
        { label: 'B', id: busy, reads: 'own' },
        { label: 'Z', id: '444444444444' as AccountId, reads: 'all' },
      ],
      openBucket: ({ account }) =>
        account === 'B'
          ? Promise.reject(new CrosstrailError('access.assume-role-denied', 'no'))
          : Promise.resolve(world.bucket),
    })
    expect(report.accounts.map(({ account, error }) => [account, error?.code])).toEqual([
      ['B', 'access.assume-role-denied'],
      ['Z', undefined],
    ])
    expect(report.total.done).toBe(logs.filter((key) => !key.includes(`AWSLogs/${busy}/`)).length)
    expect(events.filter(({ type }) => type === 'account-failed').length).toBe(1)
  })

  it('opens no session for an account whose logs others read', async () => {
    const opened: string[] = []
    await world.run({
      accounts: [
        { label: 'B', id: busy, reads: 'own' },
        { label: 'L', id: '999999999999' as AccountId, reads: [busy] },
      ],
      openBucket: ({ account }) => {
        opened.push(account)
        return Promise.resolve(world.bucket)
      },
    })
    expect(opened).toEqual(['B'])
  })

  it('on an interrupt stops taking and finishes objects under way', async () => {
    const stop = new AbortController()
    let begun = 0
    let finished = 0
    const action = {
      ...takeAll,
      take: (object: DoneOutcome['object'], account: string) => async (): Promise<DoneOutcome> => {
        if (++begun === 20) stop.abort()
        await new Promise((resolve) => setTimeout(resolve, 5))
        finished++
        return { status: 'done', account, object, bytes: 1 }
      },
    }
    const { report } = await world.run({ action, signal: stop.signal })
    expect(report.interrupted).toBe(true)
    expect(finished).toBe(begun)
    expect(begun).toBeLessThan(100)
    expect(report.accounts[0]?.error).toBeUndefined()
  })

  it('warns of a log account without logs', async () => {
    const { events } = await world.run({ accounts: [{ label: 'X', id: '999999999999' as AccountId, reads: 'own' }] })
    expect(events).toContainEqual(expect.objectContaining({ type: 'note', level: 'warning', code: 'plan.no-logs' }))
  })

  it('warns of a kind without logs if it was the only one selected', async () => {
    const logAccount = '888888888888' as AccountId
    const [key = ''] = syntheticKeys({ count: 1, logAccount, region: 'us-east-1' })
    world.lab.bucket().put(key, 'x')
    const { events } = await world.run({
      selection: { ...everything, logAccounts: [logAccount], kinds: ['aggregated'] },
    })
    world.lab.bucket().delete(key)
    expect(events).toContainEqual(expect.objectContaining({ type: 'note', code: 'plan.no-logs' }))
  })

  it('warns of an organization whose logs it does not read', async () => {
    const key = 'AWSLogs/o-exampleorgid/222222222222/CloudTrail/us-east-1/2026/11/01/x'
    world.lab.bucket().put(key, 'x')
    const { events } = await world.run()
    world.lab.bucket().delete(key)
    expect(events).toContainEqual(expect.objectContaining({ type: 'note', code: 'plan.organization-not-read' }))
  })

  it.each(['', 'o-exampleorgid'])(
    'warns of single accounts beside an organization with the prefix %j',
    async (prefix) => {
      const [top, organization] = [prefix === '' ? 'AWSLogs' : `${prefix}/AWSLogs`, 'o-exampleorgid']
      const keys = [`${top}/${organization}/${busy}`, `${top}/${denied}`].map(
        (base) => `${base}/CloudTrail/us-east-1/2026/11/01/x`,
      )
      for (const key of keys) world.lab.bucket().put(key, 'x')
      const { events } = await world.run({ layout: { prefix, organization } })
      for (const key of keys) world.lab.bucket().delete(key)
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'note', level: 'warning', code: 'plan.accounts-not-read' }),
      )
    },
  )

  it('warns of a trail without anything under its prefix', async () => {
    const { events } = await world.run({ layout: { prefix: 'wrong' } })
    expect(events).toContainEqual(expect.objectContaining({ type: 'note', level: 'warning', code: 'plan.no-logs' }))
  })

  it('refuses a log account that no account reads', async () => {
    const run = world.run({
      accounts: [{ label: 'B', id: busy, reads: 'own' }],
      selection: { ...everything, logAccounts: ['333333333333' as AccountId] },
    })
    await expect(run).rejects.toMatchObject({ code: 'usage.unread-log-account' })
  })

  it('warns of a log with an unknown name', async () => {
    const key = `AWSLogs/${busy}/CloudTrail/us-east-1/2026/11/02/odd.json.gz`
    world.lab.bucket().put(key, 'x')
    const { events } = await world.run()
    world.lab.bucket().delete(key)
    expect(events).toContainEqual(
      expect.objectContaining({ code: 'list.unknown-name', message: expect.stringContaining(key) }),
    )
  })

  it('reads the allowed log accounts if another one is denied', async () => {
    const mine = (key: string) => key.startsWith(`AWSLogs/${busy}/`)
    world.lab.setFaults({
      hook: ({ query }) =>
        query.get('prefix')?.includes('/333333333333/')
          ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
          : undefined,
    })
    const { report, done } = await world.run({
      accounts: [{ label: 'L', id: busy, reads: [busy, denied] }],
    })
    world.lab.setFaults({})
    expect([...done].sort(compareKeys)).toEqual(logs.filter(mine).sort(compareKeys))
    expect(report.accounts[0]).toMatchObject({ error: { code: 'access.list-denied' }, unlisted: 1 })
  })

  it('reports every listing that failed, not only the first', async () => {
    world.lab.setFaults({
      hook: ({ query }) =>
        /\/CloudTrail\/(eu-west-1|us-west-2)\/$/.test(query.get('prefix') ?? '')
          ? { status: 400, code: 'Odd', message: 'odd' }
          : undefined,
    })
    const { report, events } = await world.run({ selection: { ...everything, logAccounts: [busy], kinds: ['events'] } })
    world.lab.setFaults({})
    const told = events.filter(
      (event) => event.type === 'account-failed' || (event.type === 'note' && event.code === 'bucket.refused'),
    )
    expect([told.length, report.accounts[0]?.unlisted]).toEqual([2, 2])
  })

  it('ends if its listener fails, for example for a journal on a full disk', async () => {
    let heard = 0
    const listener = ({ type }: RunEvent): void => {
      if (type === 'outcome' && ++heard > 10) throw new CrosstrailError('disk.journal', 'full')
    }
    const { report } = await world.run({ listener })
    expect(report.error?.code).toBe('disk.journal')
  })

  it('ends on an interruption error, and reports every lost object', async () => {
    const action = {
      ...takeAll,
      take: () => () => Promise.reject(new CrosstrailError('interrupted', 'the prompt was cancelled')),
    }
    const { report } = await world.run({ action })
    expect(report.error?.code).toBe('interrupted')
  })

  it('reports totals as they grow, and when they are final', async () => {
    const { events } = await world.run()
    const listed = events.reduce((sum, event) => sum + (event.type === 'listed' ? event.objects : 0), 0)
    expect(listed).toBe(logs.length)
    expect(events.filter(({ type }) => type === 'listing-finished').length).toBe(1)
  })

  it('fails if a listing fails', async () => {
    world.lab.setFaults({
      hook: ({ query }) =>
        query.get('prefix')?.includes('/eu-west-1/')
          ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
          : undefined,
    })
    const { report } = await world.run()
    world.lab.setFaults({})
    expect(report.accounts[0]?.error?.code).toBe('access.list-denied')
  })
})

describe('a run of many dense slices', () => {
  const regions = ['us-west-1', 'us-west-2', 'sa-east-1']
  let crowded: RunWorld
  beforeAll(async () => {
    crowded = await openRunWorld({})
    for (const region of [...regions, 'eu-west-1', 'eu-west-2']) {
      crowded.lab.bucket().putShared(syntheticKeys({ count: 2400, region }), 'x')
    }
  })
  afterAll(() => crowded.close())

  it('continues a listing that waited for others when they end', async () => {
    const begun = new Set<string>()
    let done = 0
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) await new Promise((resolve) => setImmediate(resolve))
    }
    const action = {
      ...takeAll,
      take: (object: DoneOutcome['object'], account: string) => {
        done++
        return { status: 'done', account, object, bytes: 1 } as const
      },
      // Two listings may continue after their first page. The third one gets there last and holds its page until both have ended.
      twins: ({ region }: { readonly region: string }) => ({
        of: async () => {
          begun.add(region)
          const isThird = begun.size === regions.length && [...begun].at(-1) === region
          await until(() => begun.size === regions.length)
          if (isThird) await until(() => done >= 4800)
          return new Map()
        },
      }),
    }
    const { report } = await crowded.run({ selection: { ...everything, regions }, listings: regions.length, action })
    expect(report.total.done).toBe(7200)
  })

  it('ends with every log, whichever listing waits for which', async () => {
    const turns = fc.constantFrom(0, 0, 1, 100)
    const delays = fc.record({ slices: fc.array(turns, { minLength: 5 }), objects: fc.array(turns, { minLength: 1 }) })
    const later = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 12 }),
        fc.integer({ min: 1, max: 64 }),
        delays,
        async (listings, maxTasks, { slices, objects }) => {
          let [slice, taken] = [0, 0]
          const action = {
            ...takeAll,
            take: (object: DoneOutcome['object'], account: string) => {
              const outcome = { status: 'done', account, object, bytes: 1 } as const
              // One of a hundred waits.
              const delay = taken++ % 100 === 0 ? objects[taken % objects.length] : 0
              return delay ? () => later(delay).then(() => outcome) : outcome
            },
            twins: () => {
              const delay = slices[slice++ % slices.length] ?? 0
              return { of: () => later(delay).then(() => new Map()) }
            },
          }
          const { done } = await crowded.run({ listings, maxTasks, action })
          expect(new Set(done).size).toBe(12_000)
          expect(done.length).toBe(12_000)
        },
      ),
      { numRuns: 30 },
    )
  })
})
