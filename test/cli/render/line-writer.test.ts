import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { LineWriter } from '../../../src/cli/render/line-writer.ts'
import { Sink } from '../host.ts'

test('writes complete lines in order, in far fewer writes', async () => {
  let writes = 0
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes++
      text += chunk.toString()
      setImmediate(done)
    },
  })
  const writer = new LineWriter(stream)
  const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}`)
  for (const line of lines) writer.write(line)
  await writer.flush()
  expect(text.trimEnd().split('\n')).toEqual(lines)
  expect(writes).toBeLessThan(10)
})

test('a single line does not wait for others', async () => {
  const sink = new Sink()
  new LineWriter(sink).write('alone')
  await expect.poll(() => sink.text).toBe('alone\n')
})

test('waits for a slow reader, and no longer than needed', async () => {
  let finish = (): void => undefined
  const stream = new Writable({
    highWaterMark: 1024,
    write: (_chunk, _encoding, done) => {
      finish = done
    },
  })
  const writer = new LineWriter(stream)
  expect(writer.whenWritable()).toBeUndefined()
  writer.write('x'.repeat(70_000))
  const ready = writer.whenWritable()
  expect(ready).toBeInstanceOf(Promise)
  finish()
  await ready
  await expect.poll(() => writer.whenWritable()).toBeUndefined()
})

test.each(['EPIPE', 'ECONNRESET'])('%s is not a failure, and nothing waits for it', async (code) => {
  const stream = failing(code)
  const writer = new LineWriter(stream)
  writer.write('x'.repeat(70_000))
  await writer.flush()
  writer.write('more')
  expect(writer.whenWritable()).toBeUndefined()
  await expect(writer.flush()).resolves.toBeUndefined()
})

test('a full disk behind stdout is a failure', async () => {
  const writer = new LineWriter(failing('ENOSPC'))
  writer.write('x')
  await expect(writer.flush()).rejects.toMatchObject({ code: 'disk.output-failed' })
})

function failing(code: string): Writable {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
  })
  return stream.on('error', () => undefined)
}
