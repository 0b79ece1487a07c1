import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { HeldLines } from '../../../src/cli/render/held-lines.ts'
import { LineWriter } from '../../../src/cli/render/line-writer.ts'

function opened() {
  const stream = new PassThrough({ encoding: 'utf8' })
  const writer = new LineWriter(stream)
  const shown = async (): Promise<string> => {
    await writer.flush()
    return String(stream.read() ?? '')
  }
  return { lines: new HeldLines(writer), shown }
}

test('lines written during a question follow its answer, in order', async () => {
  const { lines, shown } = opened()
  lines.write('before')
  let answer: ((text: string) => void) | undefined
  const asking = lines.during(() => new Promise<string>((resolve) => (answer = resolve)))
  lines.write('one')
  lines.write('two')
  expect(await shown()).toBe('before\n')
  answer?.('123456')
  expect(await asking).toBe('123456')
  expect(await shown()).toBe('one\ntwo\n')
})

test('a failed question keeps no line back', async () => {
  const { lines, shown } = opened()
  const asking = lines.during(() => Promise.reject(new Error('gone')))
  lines.write('meanwhile')
  await expect(asking).rejects.toThrow('gone')
  expect(await shown()).toBe('meanwhile\n')
})
