import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DeleteWorld, deleteWorld, filesIn, isOlder, journalLines, olderHalf } from './support/delete-world.ts'
import { keysOf } from './support/stored-logs.ts'

const kills = 50
let world: DeleteWorld

beforeAll(async () => {
  world = await deleteWorld({
    sample: { objects: 6_000, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 6) } },
  })
})
afterAll(() => world.stop())

/** Deletes of whatever is left are killed one after the other: during the listing, before, in and after calls. */
test('if a delete is killed at any time, its journals name all deletions, and the next run completes it', async () => {
  const older = keysOf(world.logs().filter(isOlder))
  const deleted = new Set(older)
  const others = world.keys().filter((key) => !deleted.has(key))
  const dir = world.newPath()
  const command = ['delete', 'Z', ...olderHalf, '--journal-dir', dir, '--yes', '--config', world.configFile]
  const bucket = world.lab.bucket()
  for (let kill = 0; kill < kills; kill++) {
    // What earlier runs deleted comes back now and then, so that there is work left.
    if (kill % 5 === 0) for (const key of older) if (bucket.get(key) === undefined) bucket.put(key, key)
    const before = new Set(world.keys())
    const known = new Set(filesIn(dir, 'delete'))
    const { child, result } = world.start(command)
    const atCall = Math.ceil(Math.random() * 3)
    const delayMs = Math.random() * 40
    let calls = 0
    world.lab.setFaults({
      hook: ({ operation }) => {
        if (operation === 'DeleteObjects' && ++calls === atCall) setTimeout(() => child.kill('SIGKILL'), delayMs)
        return undefined
      },
    })
    await result
    const after = new Set(world.keys())
    const gone = [...before].filter((key) => !after.has(key))
    const journaled = new Set(
      filesIn(dir, 'delete')
        .filter((file) => !known.has(file))
        .flatMap(journalLines)
        .filter(({ status }) => status === 'intended')
        .map(({ key }) => key),
    )
    // Sets, because matchers compare thousands of keys with thousands of keys one by one
    expect(
      gone.filter((key) => !journaled.has(key)),
      `kill ${kill} at call ${atCall} and ${delayMs} ms`,
    ).toEqual([])
    expect(others.filter((key) => !after.has(key))).toEqual([])
  }
  world.lab.setFaults({})
  expect(await world.run(command)).toMatchObject({ exitCode: 0 })
  expect(world.keys()).toEqual(others)
})
