import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ownDisk } from '../own-disk.ts'
import { type DeleteWorld, deleteWorld, filesIn } from './support/delete-world.ts'

let world: DeleteWorld

afterEach(() => world.stop())

function wholeLines(file: string): { readonly status?: string; readonly key?: string }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { status?: string; key?: string })
}

const KiB = 1024

/**
 * Room, beside the copy of the plan, for less than nothing: not for the copy itself; for the first line of the journal alone; for no
 * batch's intentions; for those of the first; and for what became of it too.
 */
test.for([
  [-40 * KiB, 150, 0],
  [4 * KiB, 150, 0],
  [64 * KiB, 4_000, 0],
  [500 * KiB, 4_000, 1],
  [KiB * KiB, 4_000, 1],
] as const)(
  'with room for %i bytes of journal, a delete of %i stops, and its journal names everything deleted before',
  async ([room, objects, least], { skip }) => {
    world = await deleteWorld({
      sample: { objects, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 7) } },
    })
    const before = world.keys()
    const plan = join(world.newPath(), 'plan.ndjson')
    const all = ['--allow-whole-trail']
    const what = ['Z', '--from', '2025-01-01', '--until', '2025-01-07', ...all]
    expect(await world.crosstrail(['delete', ...what, '--plan', plan])).toMatchObject({ exitCode: 0 })
    const disk = ownDisk(`size=${statSync(plan).size + room}`)
    if (disk === undefined) return skip()
    const args = ['delete', '--from-plan', plan, ...all, '--journal-dir', disk, '--yes']
    const { exitCode, stderr } = await world.crosstrail(args)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('no space left on the disk')
    expect(stderr).not.toMatch(/\n +at /)
    const left = new Set(world.keys())
    const gone = before.filter((key) => !left.has(key))
    const journals = filesIn(disk, 'delete')
    const intended = journals.flatMap(wholeLines).filter(({ status }) => status === 'intended')
    const named = new Set(intended.map(({ key }) => key))
    expect(gone.filter((key) => !named.has(key))).toEqual([])
    expect(gone.length).toBeGreaterThanOrEqual(least)
    expect(left.size).toBeGreaterThan(0)
    const [, made, more = '0'] = /; (\d+) deletions were made before that(?:, and (\d+) more)?/.exec(stderr) ?? []
    if (least === 0) {
      expect(gone).toEqual([])
      expect(made).toBeUndefined()
    } else {
      expect(Number(made)).toBeGreaterThan(0)
      expect(Number(made)).toBeLessThanOrEqual(gone.length)
      expect(Number(made) + Number(more)).toBeGreaterThanOrEqual(gone.length)
      expect(stderr).toContain(`the journal ${journals[0] ?? ''} lists them`)
    }
  },
)
