import { constants } from 'node:buffer'
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import type { LogObject } from '../../src/trail/log-object.ts'
import type { ObjectReader } from '../../src/sinks/sink.ts'
import { ndjsonSink } from '../../src/sinks/ndjson.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import { codeOfAsync } from '../disk/error-code.ts'
import { filesBelow, tempFolder } from '../disk/temp-folder.ts'

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

function logOf(body: Buffer, lastModifiedMs: number): LogObject {
  return {
    key: 'log.json.gz',
    sizeBytes: body.length,
    etag: '',
    lastModifiedMs,
    storageClass: 'STANDARD',
    logAccount: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events',
    deliveredAtMs: 0,
  }
}

function openSink(body: Buffer, root = tempFolder(), memory?: unknown) {
  const options = { root, rotate: {}, publishAtEnd: true, maxInflatedBytes: 1024 ** 3, lookBackMs: 1e6, nowMs: () => 0 }
  const sink = ndjsonSink(options, memory, signal)
  const take = (lastModifiedMs = 0): Promise<Outcome> => {
    const taken = sink.take(logOf(body, lastModifiedMs), 'Z', bucketWith(body), undefined)
    return typeof taken === 'function' ? taken() : Promise.resolve(taken)
  }
  return { root, sink, take }
}

test('writes no line of a log whose events cannot be recorded, and writes it once when they can', async () => {
  const records = ['a', 'b', 'c'].map((eventID) => ({ eventID }))
  const { root, sink, take } = openSink(gzipSync(JSON.stringify({ Records: records })))
  const inTheWay = join(root, '.crosstrail/ndjson/ids-0.bin')
  mkdirSync(inTheWay)
  expect(await codeOfAsync(() => take())).toBe('disk.not-a-file')
  rmdirSync(inTheWay)
  expect(await take()).toMatchObject({ status: 'done', detail: { events: 3, duplicates: 0 } })
  sink.finish?.()
  await sink.flush()
  await sink.committed?.()
  await sink.close()
  const file = filesBelow(root).find((path) => path.startsWith('events-')) ?? ''
  expect(readFileSync(join(root, file), 'utf8')).toBe('{"eventID":"a"}\n{"eventID":"b"}\n{"eventID":"c"}\n')
})

test('writes invalid UTF-8 unchanged', async () => {
  const record = Buffer.concat([
    Buffer.from('{"eventID":"a","userAgent":"b'),
    Buffer.from([0xff, 0xe4, 0xc3, 0xa4]),
    Buffer.from('"}'),
  ])
  const { root, sink, take } = openSink(
    gzipSync(Buffer.concat([Buffer.from('{"Records":['), record, Buffer.from(']}')])),
  )
  expect(await take()).toMatchObject({ detail: { events: 1 } })
  sink.finish?.()
  await sink.flush()
  await sink.committed?.()
  await sink.close()
  const file = filesBelow(root).find((path) => path.startsWith('events-')) ?? ''
  expect(readFileSync(join(root, file))).toEqual(Buffer.concat([record, Buffer.from('\n')]))
})

test('writes a repeated aggregated record once', async () => {
  const record = '{"eventId":"8e8b6c0e-0000-4000-8000-000000000001","timeWindow":{}}'
  const { sink, take } = openSink(gzipSync(`{"Records":[${record},${record}]}`))
  expect(await take()).toMatchObject({ detail: { events: 1, duplicates: 1 } })
  expect(await take()).toMatchObject({ detail: { events: 0, duplicates: 2 } })
  await sink.close()
})

test('a log that inflates beyond the limit of a string fails alone', async () => {
  const { sink, take } = openSink(gzipSync(Buffer.alloc(constants.MAX_STRING_LENGTH + 1), { level: 1 }))
  expect(await codeOfAsync(() => take())).toBe('object.inflates-too-much')
  await sink.close()
}, 150_000)

test('a log whose lines were flushed but not covered is known when it comes again, however old it is', async () => {
  const old = gzipSync('{"Records":[{"eventID":"old"}]}')
  const root = tempFolder()
  const young = openSink(gzipSync('{"Records":[{"eventID":"young"}]}'), root)
  await young.take(1e9)
  const youngMemory = await young.sink.flush()
  await young.sink.close()
  const killed = openSink(old, root, youngMemory)
  expect(await killed.take()).toMatchObject({ detail: { events: 1 } })
  const memory = await killed.sink.flush()
  await killed.sink.close()
  const next = openSink(old, root, memory)
  expect(await next.take()).toMatchObject({ detail: { events: 0, duplicates: 1 } })
  await next.sink.close()
})
