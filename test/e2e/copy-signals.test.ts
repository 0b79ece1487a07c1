import { afterAll, beforeAll, expect, test } from 'vitest'
import { archive, contentsOf, type CopyWorld, copyWorld, logContents } from './support/copy-world.ts'
import { journalsOf } from './support/tree.ts'

let world: CopyWorld

beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 200 } })
})
afterAll(() => world.stop())

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a copy in order with %i, and the next run completes it', async (signal, code) => {
  for (const key of world.archive.keys()) world.archive.delete(key)
  const cwd = world.newPath()
  const command = ['copy', 'Z', '--to', archive, '--concurrency', '8', '--journal-dir', `${cwd}/.crosstrail`]
  const { child, result } = world.start(command)
  let copies = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation !== 'CopyObject') return undefined
      if (++copies === 40) child.kill(signal)
      return copies < 40 ? undefined : { latencyMs: 50 }
    },
  })
  const { exitCode, stderr } = await result
  world.lab.setFaults({})
  expect(exitCode).toBe(code)
  expect(stderr).toContain('interrupted before the end')
  const there = contentsOf(world.archive)
  expect(logContents(world)).toMatchObject(there)
  const [journal = []] = journalsOf(cwd)
  const done = journal.filter(({ status }) => status === 'done').map(({ key }) => String(key))
  expect(done.sort()).toEqual(Object.keys(there))
  expect(journal.at(-1)).toMatchObject({ interrupted: true })
  expect(await world.run(command)).toMatchObject({ exitCode: 0 })
  expect(contentsOf(world.archive)).toEqual(logContents(world))
})
