import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Crosstrail } from '../../src/app/crosstrail.ts'
import { openCrosstrail } from '../../src/index.ts'
import { runStream } from '../../src/app/run-stream.ts'
import { CrosstrailError } from '../../src/error.ts'
import type { RunEvent } from '../../src/work/run-event.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'

const event = (number: number): RunEvent => ({ type: 'note', level: 'info', code: String(number), message: '' })

async function codesOf(events: AsyncIterable<RunEvent>): Promise<string[]> {
  const codes: string[] = []
  for await (const read of events) codes.push(read.type === 'note' ? read.code : read.type)
  return codes
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at))

/** A verb that sends `count` events, and waits for room before each, like verbs before each page. */
function verb(count: number, told: { count: number }) {
  return runStream(async (listener, whenWritable) => {
    for (let at = 0; at < count; at++) {
      for (let full = whenWritable(); full !== undefined; full = whenWritable()) await full
      listener(event(at))
      told.count++
    }
    return 'report'
  })
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

describe('the events of a run', () => {
  it('arrive in order, before the report', async () => {
    const run = verb(5000, { count: 0 })
    expect(await codesOf(run)).toEqual(numbers(5000))
    expect(await run.result).toBe('report')
  })

  it('reach a reader that starts early and one that starts after the run', async () => {
    const run = runStream(async (listener) => {
      listener(event(0))
      await settle()
      listener(event(1))
    })
    expect(await codesOf(run)).toEqual(['0', '1'])
    const over = verb(2, { count: 0 })
    await over.result
    expect(await codesOf(over)).toEqual(['0', '1'])
  })

  it('are read once: a second loop continues after the first', async () => {
    const run = verb(3, { count: 0 })
    const first = run[Symbol.asyncIterator]()
    await first.next()
    expect(await codesOf(run)).toEqual(['1', '2'])
    expect(await codesOf(run)).toEqual([])
  })

  it('make the run wait for a slow reader', async () => {
    const told = { count: 0 }
    const run = verb(10_000, told)
    await settle()
    expect(told.count).toBe(1000)
    let read = 0
    for await (const _event of run) {
      if (++read % 500 !== 0) continue
      await settle()
      expect(told.count - read).toBeLessThanOrEqual(2000)
    }
    expect(read).toBe(10_000)
  })

  it('end with the error of the verb', async () => {
    const error = new CrosstrailError('disk.full', 'no room')
    const run = runStream(async (listener) => {
      listener(event(0))
      await settle()
      throw error
    })
    const codes: string[] = []
    const reading = (async () => {
      for await (const read of run) codes.push(read.type)
    })()
    await expect(reading).rejects.toBe(error)
    await expect(run.result).rejects.toBe(error)
    expect(codes).toEqual(['note'])
  })

  it('reject if the verb throws synchronously', async () => {
    const error = new CrosstrailError('usage.invalid-value', 'no')
    const run = runStream(() => {
      throw error
    })
    await expect(codesOf(run)).rejects.toBe(error)
    await expect(run.result).rejects.toBe(error)
  })

  it('can be abandoned: the run continues to its end and drops further events', async () => {
    const told = { count: 0 }
    const run = verb(5000, told)
    for await (const _event of run) break
    expect(await run.result).toBe('report')
    expect(told.count).toBe(5000)
    expect(await codesOf(run)).toEqual([])
  })

  it('can be abandoned by an error of the reader, which its loop throws', async () => {
    const run = verb(5000, { count: 0 })
    const reading = (async () => {
      for await (const read of run) throw new Error(read.type)
    })()
    await expect(reading).rejects.toThrow('note')
    expect(await run.result).toBe('report')
  })

  it('can be abandoned before the verb fails', async () => {
    const run = runStream(async (listener) => {
      listener(event(0))
      await settle()
      throw new CrosstrailError('disk.full', 'no room')
    })
    for await (const _event of run) break
    await expect(run.result).rejects.toMatchObject({ code: 'disk.full' })
  })
})

describe('the events of a listing', () => {
  const stop = new AbortController()
  let world: LabWorld
  let crosstrail: Crosstrail

  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 3500, contentsPerSlot: 1, foreign: false } })
    for (const [name, value] of Object.entries(world.env)) vi.stubEnv(name, value)
    crosstrail = await openCrosstrail({ signal: stop.signal })
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await crosstrail.close()
    await world.stop()
  })

  const list = () =>
    runStream((listener, whenWritable) => crosstrail.list({ selection: { accounts: ['Z'] }, whenWritable }, listener))

  it('all reach a reader that pauses, and the run waits for it', async () => {
    const run = list()
    let isOver = false
    void run.result.then(() => (isOver = true))
    let read = 0
    for await (const event of run) {
      if (event.type !== 'outcome') continue
      // Enough time to list everything.
      if (read++ === 0) await sleep(2000)
      if (read === 1) expect(isOver).toBe(false)
    }
    expect(read).toBe(3500)
    expect((await run.result).total.done).toBe(3500)
  })

  it('can be abandoned: the listing completes', async () => {
    const run = list()
    for await (const event of run) if (event.type === 'outcome') break
    expect((await run.result).total.done).toBe(3500)
  })

  it('end if the reader aborts the run and leaves', async () => {
    const run = list()
    for await (const event of run) {
      if (event.type !== 'outcome') continue
      stop.abort()
      break
    }
    expect(await run.result).toMatchObject({ interrupted: true })
  })
})
