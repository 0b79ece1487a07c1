import { expect, test } from 'vitest'
import { versionLines } from '../../../src/cli/about/version-lines.ts'

test('an absent package and one that cannot be loaded are told apart', async () => {
  const part = { adds: 'something', version: undefined }
  const lines = await versionLines(() =>
    Promise.resolve([
      { ...part, name: 'bullmq', problem: undefined },
      { ...part, name: 'ioredis', problem: 'version 6.0.0 is installed and cannot be loaded: no \u001B[31m file' },
    ]),
  )
  expect(lines.slice(-3)).toEqual([
    'bullmq            absent   something',
    'ioredis           broken   something',
    expect.stringMatching(/^ioredis: version 6\.0\.0 is installed and cannot be loaded: no [^\u001B]+file$/),
  ])
})
