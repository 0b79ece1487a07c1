import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { maskOutput } from '../../../src/cli/render/masked-output.ts'
import { rememberKey } from '../../../src/secrets/masked-text.ts'

const token = 'a-session-token-of-the-output'

test('masks a secret in text and in bytes until it is undone', async () => {
  rememberKey(token)
  const stream = new PassThrough()
  const end = maskOutput(stream)
  stream.write(`one ${token}\n`)
  stream.write(Buffer.from(`two ${token}\n`))
  end()
  stream.end('three\n')
  expect(await text(stream)).toBe('one ****tput\ntwo ****tput\nthree\n')
})

test('passes on the callback and the result of a write', async () => {
  const stream = new PassThrough({ highWaterMark: 1 })
  maskOutput(stream)
  const written = new Promise((resolve) => {
    expect(stream.write('more than it holds', resolve)).toBe(false)
  })
  stream.resume()
  expect(await written).toBeFalsy()
})

test('does not change bytes that are not text', async () => {
  const stream = new PassThrough()
  maskOutput(stream)
  stream.end(Buffer.from([0xff, 0x00, 0xfe]))
  expect((await stream.toArray()).map((chunk: Buffer) => [...chunk])).toEqual([[0xff, 0x00, 0xfe]])
})
