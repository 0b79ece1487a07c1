import { describe, expect, it } from 'vitest'
import { startThreadHelper } from '../../src/work/thread-helper.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import { logObject } from './log-object.ts'

/** Starts a thread with the program `source`, and records what it reports. */
async function start(source: string) {
  const fatal: unknown[] = []
  const stopTaking = new AbortController()
  const stop = new AbortController()
  let rooms = 0
  const keysOf = () => ({
    current: () => Promise.reject(new Error('no')),
    renew: () => Promise.reject(new Error('no')),
  })
  const entry = new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads';${source}`)}`,
  )
  const helper = await startThreadHelper({
    entry,
    job: {},
    keysOf,
    maxLoad: 4,
    frame: {
      signal: stopTaking.signal,
      actSignal: stop.signal,
      onFatal: (error) => void fatal.push(error),
      onRoom: (count) => void (rooms += count),
    },
  })
  const take = (key: string) => new Promise<Outcome | undefined>((resolve) => helper.take(logObject(key), 'B', resolve))
  return { helper, take, fatal, stopTaking, stop, rooms: () => rooms }
}

const ready = "parentPort.postMessage({ type: 'ready' });"
const dying = `${ready} parentPort.on('message', ({ type }) => { if (type === 'objects') process.exit(7) })`
const echoing = `${ready} const said = []; parentPort.on('message', (message) => {
  said.push(message.type)
  if (message.type === 'objects') parentPort.postMessage({ type: 'taken', objects: message.objects.map(({ id, object }) => ({
    id, outcome: { status: 'done', bytes: message.objects.length, detail: { path: object.key, said: said.join() } } })) })
  if (message.type === 'close') { parentPort.postMessage({ type: 'closed' }); parentPort.close() }
})`

describe('a helper thread', () => {
  it('gets objects in batches, and its reports are passed on for each object', async () => {
    const { helper, take, rooms } = await start(echoing)
    const taking = ['a', 'b', 'c'].map(take)
    expect(helper.load).toBe(3)
    expect(await Promise.all(taking)).toMatchObject(
      ['a', 'b', 'c'].map((key) => ({
        status: 'done',
        account: 'B',
        object: { key },
        bytes: 3,
        detail: { path: key },
      })),
    )
    expect([helper.load, rooms()]).toEqual([0, 3])
    await helper.close()
  })

  it('receives stops in order', async () => {
    const { helper, take, stopTaking, stop } = await start(echoing)
    stopTaking.abort()
    stop.abort()
    expect(await take('a')).toMatchObject({ detail: { said: 'stop-taking,stop,objects' } })
    await helper.close()
  })

  it('ends the run if it dies, gives up its objects, and gets no more', async () => {
    const { helper, take, fatal, rooms } = await start(dying)
    expect(await take('a')).toBeUndefined()
    expect(fatal).toMatchObject([{ message: 'a worker thread ended early, with code 7' }])
    expect([helper.maxLoad, rooms()]).toEqual([0, Infinity])
    await helper.close()
  })

  it('closes at once after it died, without a second failure', async () => {
    const { helper, take, fatal } = await start(dying)
    await take('a')
    await helper.close()
    expect(fatal).toHaveLength(1)
  })

  it('says why it cannot start', async () => {
    await expect(start("throw new Error('no memory')")).rejects.toThrow('no memory')
  })
})
