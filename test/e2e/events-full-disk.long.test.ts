import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownDisk } from '../own-disk.ts'
import { eventFolder, eventRecord } from './support/event-folder.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

const logs = 12
const perLog = 150
let world: LabWorld
let folder: string

beforeAll(async () => {
  world = await labWorld()
  const padding = 'x'.repeat(100_000)
  const bodies = Array.from({ length: logs }, (_, log) => [
    `log-${log}.json.gz`,
    Array.from({ length: perLog }, (_record, at) => eventRecord(log * perLog + at, { userAgent: padding })),
  ])
  folder = eventFolder(world.newPath(), Object.fromEntries(bodies) as Parameters<typeof eventFolder>[1])
})
afterAll(() => world.stop())

/** Sorting writes runs of about 64 MB, and there are 180 MB of records. */
test.each(['16m', '100m'])(
  'a sorted search with %s of temporary space stops with disk.full, shows nothing and leaves nothing',
  async (size) => {
    const disk = ownDisk(`size=${size}`)
    if (disk === undefined) return
    const { exitCode, stdout, stderr } = await world.run(
      ['events', '--dir', folder, '--sort', 'time', '--output', 'json'],
      { env: { TMPDIR: disk } },
    )
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain('"disk.full"')
    expect(stderr).toContain('no space left on the disk')
    expect(stderr).not.toMatch(/\n +at /)
    expect(readdirSync(disk)).toEqual([])
  },
)

test('with enough space it succeeds', async () => {
  const disk = ownDisk('size=500m')
  if (disk === undefined) return
  const { exitCode, stderr } = await world.run(['events', '--dir', folder, '--sort', 'time'], {
    env: { TMPDIR: disk },
  })
  expect(exitCode).toBe(0)
  expect(stderr).toContain('1,800 shown')
  expect(readdirSync(disk)).toEqual([])
})
