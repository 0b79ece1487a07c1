import { afterEach, expect, test } from 'vitest'
import { everyFault } from '../../src/lab/faults.ts'
import { type DeleteWorld, deleteWorld, isOlder, olderHalf, onlyFile } from './support/delete-world.ts'

let world: DeleteWorld

afterEach(() => world.stop())

const patient = ['--timeout', '1s', '--max-attempts', '20']

test.each([1, 2, 3])(
  'exactly the plan is deleted while every 20th request meets each fault, with seed %d',
  async (seed) => {
    world = await deleteWorld({
      seed,
      sample: { objects: 3_000, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 7) } },
      faults: everyFault(0.05),
    })
    const older = new Set(
      world
        .logs()
        .filter(isOlder)
        .map(({ key }) => key),
    )
    const others = world.keys().filter((key) => !older.has(key))
    const { exitCode, stderr } = await world.crosstrail([
      'delete',
      'Z',
      ...olderHalf,
      '--journal-dir',
      world.newPath(),
      '--yes',
      ...patient,
    ])
    expect(stderr).not.toMatch(/failed:|account \w+ failed/)
    expect(exitCode).toBe(0)
    expect(world.keys()).toEqual(others)
  },
)

test('restore undoes a delete exactly, with faults in both', async () => {
  world = await deleteWorld({
    sample: { objects: 1_500, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 7) } },
  })
  const bucket = world.lab.bucket()
  bucket.versioning = 'Enabled'
  const before = world.keys().map((key) => `${key} ${bucket.get(key)?.etag}`)
  const dir = world.newPath()
  world.lab.setFaults(everyFault(0.05))
  expect(
    await world.crosstrail(['delete', 'Z', ...olderHalf, '--journal-dir', dir, '--yes', ...patient]),
  ).toMatchObject({ exitCode: 0 })
  expect(world.logs().filter(isOlder)).toEqual([])
  const restored = await world.crosstrail([
    'restore',
    '--journal',
    onlyFile(dir, 'delete'),
    '--journal-dir',
    dir,
    '--yes',
    ...patient,
  ])
  expect(restored.stderr).not.toMatch(/failed:/)
  expect(restored.exitCode).toBe(0)
  expect(world.keys().map((key) => `${key} ${bucket.get(key)?.etag}`)).toEqual(before)
})
