import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ownDisk } from '../own-disk.ts'
import { type DeleteWorld, deleteWorld, onlyFile } from './support/delete-world.ts'

let world: DeleteWorld

afterEach(() => world.stop())

function wholeLines(file: string): { readonly status?: string; readonly key?: string }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { status?: string; key?: string })
}

/** Room for the first line alone, for no batch's intentions, for those of the first, and for what became of it too. */
test.for([
  ['4k', 150, 0],
  ['64k', 6_000, 0],
  ['500k', 6_000, 1],
  ['1m', 6_000, 1],
] as const)(
  'with %s for the journal a delete of %i ends, and all that is gone was named in it before',
  async ([size, objects, least], { skip }) => {
    world = await deleteWorld({
      sample: { objects, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 7) } },
    })
    const disk = ownDisk(`size=${size}`)
    if (disk === undefined) return skip()
    const before = world.keys()
    const what = ['delete', 'Z', '--from', '2025-01-01', '--until', '2025-01-07', '--allow-whole-trail']
    const where = ['--plan', join(world.newPath(), 'plan.ndjson'), '--journal-dir', disk]
    const { exitCode, stderr } = await world.crosstrail([...what, ...where, '--yes'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('no space left on the disk')
    expect(stderr).not.toMatch(/\n +at /)
    const left = new Set(world.keys())
    const gone = before.filter((key) => !left.has(key))
    const intended = wholeLines(onlyFile(disk, 'delete')).filter(({ status }) => status === 'intended')
    expect(intended.map(({ key }) => key)).toEqual(expect.arrayContaining(gone))
    expect(gone.length).toBeGreaterThanOrEqual(least)
    expect(left.size).toBeGreaterThan(0)
  },
)
