import { expect, test } from 'vitest'
import { codeOfAsync } from '../../disk/error-code.ts'
import { ownDisk, remount } from '../../own-disk.ts'
import { openPullWorld } from './pull-world.ts'

test('ends if the disk is full, and takes the rest in a pull with space', async ({ skip }) => {
  const to = ownDisk('size=1m')
  if (to === undefined) return skip()
  const world = await openPullWorld({ sample: { objects: 400 } })
  try {
    const full = await world.pull({ to })
    expect(full.error?.code).toMatch(/^disk\.(?:full|journal)$/)
    remount(to, 'size=100m')
    const rest = await world.pull({ to })
    expect(rest.error).toBeUndefined()
    expect(rest.streams.reduce((sum, { objects }) => sum + objects, 0)).toBe(400)

    remount(to, 'ro')
    expect(await codeOfAsync(() => world.pull({ to }))).toBe('disk.not-writable')
    remount(to, 'rw')
    expect((await world.pull({ to })).total).toMatchObject({ done: 0, failed: 0 })
  } finally {
    await world.close()
  }
})
