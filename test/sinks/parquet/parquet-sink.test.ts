import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { parquetSink } from '../../../src/sinks/parquet/parquet-sink.ts'
import type { ObjectReader } from '../../../src/sinks/sink.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import type { LogObject } from '../../../src/trail/log-object.ts'
import type { Outcome } from '../../../src/work/outcome.ts'
import { codeOfAsync } from '../../disk/error-code.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { parquetFilesBelow, rowsOf } from './read-parquet.ts'

const signal = new AbortController().signal

/** A bucket with one log. */
function bucketWith(body: Buffer): ObjectReader {
  return {
    async get(_object, receive) {
      const receiver = receive()
      receiver.start({})
      receiver.data(body)
      return receiver.finish({})
    },
  }
}

interface Opened {
  readonly root: string
  take(records: readonly object[]): Promise<Outcome>
  /** Commits as a pull does, and returns what coverage remembers. */
  commit(): Promise<unknown>
  finish(): boolean
  close(): Promise<void>
}

function open(root = tempFolder(), memory?: unknown, publishAtEnd = true): Opened {
  const options = { root, rotate: {}, publishAtEnd, maxInflatedBytes: 1024 ** 3, lookBackMs: 1e6, nowMs: () => 0 }
  const sink = parquetSink(options, memory, signal)
  return {
    root,
    take(records) {
      const body = gzipSync(JSON.stringify({ Records: records }))
      const log: LogObject = {
        key: 'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/30/log.json.gz',
        sizeBytes: body.length,
        etag: '',
        lastModifiedMs: 0,
        storageClass: 'STANDARD',
        logAccount: '222222222222' as AccountId,
        region: 'us-east-1',
        kind: 'events',
        deliveredAtMs: 0,
      }
      const taken = sink.take(log, 'Z', bucketWith(body), undefined)
      return typeof taken === 'function' ? taken() : Promise.resolve(taken)
    },
    async commit() {
      const remembered = await sink.flush()
      await sink.committed?.()
      return remembered
    },
    finish: () => sink.finish?.() === true,
    close: () => sink.close(),
  }
}

const event = (eventID: string, more: object = {}) => ({ eventID, eventTime: '2026-11-30T12:00:00Z', ...more })
const idsBelow = async (root: string) => (await rowsOf(root)).map(({ eventID }) => String(eventID)).toSorted()

async function pull(root: string, records: readonly object[], memory?: unknown): Promise<unknown> {
  const sink = open(root, memory)
  await sink.take(records)
  if (sink.finish()) memory = await sink.commit()
  await sink.close()
  return memory
}

test('events appear in the dataset when their file is full and coverage remembers it', async () => {
  const sink = open()
  await sink.take([event('a'), event('b', { eventTime: '2026-12-01T00:00:00Z' })])
  await sink.commit()
  expect(parquetFilesBelow(sink.root)).toEqual([])
  expect(sink.finish()).toBe(true)
  await sink.commit()
  await sink.close()
  expect(parquetFilesBelow(sink.root)).toEqual([
    expect.stringMatching(
      /^account=222222222222\/region=us-east-1\/date=2026-11-30\/part-19700101T000000Z-0001-[0-9a-f]{8}\.parquet$/,
    ),
    expect.stringMatching(/^account=222222222222\/region=us-east-1\/date=2026-12-01\/part-/),
  ])
  expect(await rowsOf(sink.root)).toMatchObject([
    { eventID: 'a', kind: 'events', file: 'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/30/log.json.gz' },
    { eventID: 'b' },
  ])
  expect(readdirSync(join(sink.root, '.crosstrail/parquet/full'))).toEqual([])
})

test('a file that goes on growing is continued by the next pull', async () => {
  const first = open(undefined, undefined, false)
  await first.take([event('a')])
  expect(first.finish()).toBe(false)
  const memory = await first.commit()
  await first.close()
  expect(parquetFilesBelow(first.root)).toEqual([])
  await pull(first.root, [event('a'), event('b')], memory)
  expect(await idsBelow(first.root)).toEqual(['a', 'b'])
  expect(parquetFilesBelow(first.root)).toHaveLength(1)
})

test('an event that is delivered again is not written again, even if the coverage is lost', async () => {
  const root = tempFolder()
  const memory = await pull(root, [event('a'), event('b')])
  await pull(root, [event('b'), event('c')], memory)
  expect(await idsBelow(root)).toEqual(['a', 'b', 'c'])
  await pull(root, [event('a'), event('b'), event('c'), event('d')])
  expect(await idsBelow(root)).toEqual(['a', 'b', 'c', 'd'])
  rmSync(join(root, '.crosstrail'), { recursive: true })
  await pull(root, [event('a'), event('d')])
  expect(await idsBelow(root)).toEqual(['a', 'b', 'c', 'd'])
})

test('an aggregated record is in the partition of the start of its time window', async () => {
  const root = tempFolder()
  await pull(root, [
    {
      eventId: 'a',
      accountId: '1',
      timeWindow: { windowStart: '2026-11-29T23:55:00Z', windowEnd: '2026-11-30T00:00:00Z' },
    },
  ])
  expect(parquetFilesBelow(root)).toEqual([expect.stringMatching(/date=2026-11-29/)])
  expect(await rowsOf(root)).toMatchObject([{ eventID: 'a', eventTime: new Date('2026-11-29T23:55:00Z') }])
})

test('a file that was full when the last pull was killed is published by the next one, which has nothing new', async () => {
  const root = tempFolder()
  const killed = open(root)
  await killed.take([event('a')])
  killed.finish()
  // A file in place of a folder makes the pull fail while it writes Parquet.
  mkdirSync(join(root, 'account=222222222222/region=us-east-1'), { recursive: true })
  writeFileSync(join(root, 'account=222222222222/region=us-east-1/date=2026-11-30'), '')
  expect(await codeOfAsync(() => killed.commit())).toMatch(/^(?:object|disk)\./)
  await killed.close()
  expect(readdirSync(join(root, '.crosstrail/parquet/full'))).toHaveLength(1)
  rmSync(join(root, 'account=222222222222/region=us-east-1/date=2026-11-30'))
  const next = open(root)
  expect(next.finish()).toBe(true)
  await next.commit()
  await next.close()
  expect(await idsBelow(root)).toEqual(['a'])
  expect(readdirSync(join(root, '.crosstrail/parquet/full'))).toEqual([])
})
