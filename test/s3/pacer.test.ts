import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Pace, Pacer } from '../../src/s3/pacer.ts'

const worthWith = () => Infinity

interface Call {
  readonly end: (error?: Error) => void
}

async function paced<T>(pacer: Pacer, call: () => Promise<T>, paceOf: (error: unknown) => Pace): Promise<T> {
  await pacer.enter()
  let pace: Pace = 'answered'
  try {
    return await call()
  } catch (error) {
    pace = paceOf(error)
    throw error
  } finally {
    pacer.leave(pace)
  }
}

function start(pacer: Pacer, count: number, running: Call[], pace: Pace = 'slow-down'): Promise<unknown>[] {
  return Array.from({ length: count }, () =>
    paced(
      pacer,
      () =>
        new Promise<void>((resolve, reject) => {
          running.push({ end: (error) => (error === undefined ? resolve() : reject(error)) })
        }),
      () => pace,
    ).catch(() => undefined),
  )
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

describe('pacing', () => {
  it('never has more concurrent calls than its limit', async () => {
    const running: Call[] = []
    const pacer = new Pacer({ worthWith, maxConcurrency: 3, initialConcurrency: 3 })
    const calls = start(pacer, 10, running)
    await settle()
    expect(running.length).toBe(3)
    for (let ended = 0; ended < 10; ended++) {
      running[ended]?.end()
      await settle()
      expect(running.length).toBe(Math.min(10, ended + 4))
    }
    await Promise.all(calls)
  })

  it('grows while the server answers, up to its maximum', async () => {
    const pacer = new Pacer({ worthWith, maxConcurrency: 20, initialConcurrency: 2 })
    for (let call = 0; call < 50; call++)
      await paced(
        pacer,
        () => Promise.resolve(),
        () => 'answered',
      )
    expect(pacer.limit).toBe(20)
  })

  it('halves once if the server refuses all concurrent calls', async () => {
    const running: Call[] = []
    const pacer = new Pacer({ worthWith, maxConcurrency: 64, initialConcurrency: 64 })
    const calls = start(pacer, 64, running)
    await settle()
    for (const { end } of running.slice(0, 64)) end(new Error('SlowDown'))
    await Promise.all(calls)
    expect(pacer.limit).toBe(32)
  })

  it('does not grow while its thread is full', async () => {
    const pacer = new Pacer({ maxConcurrency: 20, initialConcurrency: 2, worthWith: (limit) => limit })
    for (let call = 0; call < 50; call++)
      await paced(
        pacer,
        () => Promise.resolve(),
        () => 'answered',
      )
    expect(pacer.limit).toBe(2)
  })

  it('spreads calls over time after the server has asked to slow down', async () => {
    const pacer = new Pacer({ worthWith, maxConcurrency: 64, initialConcurrency: 64 })
    const startedMs = performance.now()
    let answered = 0
    const serve = () =>
      performance.now() - startedMs < 500 && answered >= 20
        ? Promise.reject(new Error('SlowDown'))
        : Promise.resolve(answered++)
    const waves: number[] = []
    while (performance.now() - startedMs < 400) {
      await paced(pacer, serve, () => 'slow-down').catch(() => undefined)
      waves.push(performance.now())
    }
    expect(waves.length).toBeLessThan(100)
  })

  it('continues soon after the first answer, however long the waits were', async () => {
    const pacer = new Pacer({ worthWith, maxConcurrency: 64, initialConcurrency: 64 })
    for (let call = 0; call < 40; call++) void pacer.enter()
    for (let call = 0; call < 25; call++) pacer.leave('slow-down')
    for (let call = 0; call < 5; call++) {
      await sleep(110)
      pacer.leave('slow-down')
    }
    await pacer.enter()
    // Without an answer this call would wait for three seconds.
    const next = pacer.enter()
    const startedMs = performance.now()
    pacer.leave('answered')
    await next
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })

  it('rejects the waiting calls of an interrupted run, and keeps the others in the queue', async () => {
    const pacer = new Pacer({ worthWith, maxConcurrency: 1, initialConcurrency: 1 })
    const stop = new AbortController()
    expect(pacer.enter(stop.signal)).toBeUndefined()
    const given = [pacer.enter(stop.signal), pacer.enter(stop.signal)]
    const other = pacer.enter()
    stop.abort()
    for (const waiting of given) await expect(waiting).rejects.toMatchObject({ code: 'interrupted' })
    await expect(pacer.enter(stop.signal)).rejects.toMatchObject({ code: 'interrupted' })
    pacer.leave('answered')
    await other
  })

  it('learns nothing from a call without an answer', async () => {
    const pacer = new Pacer({ worthWith, maxConcurrency: 64, initialConcurrency: 16 })
    await paced(
      pacer,
      () => Promise.reject(new Error('reset')),
      () => 'unknown',
    ).catch(() => undefined)
    expect(pacer.limit).toBe(16)
  })

  it('lowers its maximum at once, and reports when no more calls are running', async () => {
    const pacer = new Pacer({ worthWith, maxConcurrency: 64, initialConcurrency: 4 })
    for (let call = 0; call < 4; call++) expect(pacer.enter()).toBeUndefined()
    let isLow = false
    const lowered = pacer.lower(2).then(() => (isLow = true))
    const waiting = pacer.enter()
    pacer.leave('answered')
    await Promise.resolve()
    expect([isLow, pacer.limit]).toEqual([false, 2])
    pacer.leave('answered')
    await lowered
    pacer.leave('answered')
    await waiting
    expect(pacer.limit).toBe(2)
  })

  it('never raises its maximum when asked to lower it', async () => {
    const pacer = new Pacer({ worthWith, maxConcurrency: 4, initialConcurrency: 4 })
    await pacer.lower(8)
    expect(pacer.limit).toBe(4)
    expect(pacer.enter()).toBeUndefined()
    pacer.leave('answered')
    expect(pacer.limit).toBe(4)
  })
})

it('grows to what the thread can handle, and opens no further connection', () => {
  const pacer = new Pacer({ worthWith: () => 24, maxConcurrency: 512, initialConcurrency: 16 })
  for (let round = 0; round < 100; round++) {
    void pacer.enter()
    pacer.leave('answered')
  }
  expect(pacer.limit).toBe(24)
})
