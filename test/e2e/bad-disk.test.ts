import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownDisk } from '../own-disk.ts'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { leftovers, treeOf } from './support/tree.ts'

let world: LabWorld
let logs: readonly StoredLog[]

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 150 } })
  logs = storedLogs(world.lab)
})
afterAll(() => world.stop())

test('a folder that is not writable ends the run before any request', async ({ skip }) => {
  const folder = ownDisk('ro')
  if (folder === undefined) return skip()
  world.lab.requests.clear()
  const { exitCode, stderr } = await world.run(['download', 'B', '--to', join(folder, 'logs')])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('cannot be written')
  expect(stderr).toMatch(/hint: .*choose another folder/)
  expect(world.lab.requests.count('GetObject')).toBe(0)
})

test.skipIf(process.platform !== 'linux').each([
  ['download', []],
  ['pull', []],
  ['copy', ['--to', 's3://example-archive/x', '--journal-dir']],
  ['lab', ['--dir']],
])('%s to a folder that the file system cannot store names the file system', async (command, args) => {
  const place = args.length === 0 ? ['--to', '/proc/x'] : [...args, '/proc/x']
  const { exitCode, stderr } = await world.run([command, ...(command === 'lab' ? [] : ['Z']), ...place])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('cannot create /proc/x: /proc accepts no new folders')
  expect(stderr).not.toContain('is gone')
})

test('reports a file in place of the folder', async () => {
  const file = world.newPath()
  writeFileSync(file, 'mine')
  const { exitCode, stderr } = await world.run(['download', 'B', '--to', file])
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`${file} is not a folder`)
})

test.for([[['--threads', '1']], [['--threads', '2', '--concurrency', '4']]])(
  'a full disk ends the run and leaves only complete files: %j',
  async ([args = []], { skip }) => {
    const folder = ownDisk('size=256k')
    if (folder === undefined) return skip()
    const { exitCode, stderr } = await world.run(['download', 'Z', '--to', folder, ...args])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('no space left on the disk')
    expect(stderr).not.toMatch(/\n +at /)
    const tree = treeOf(folder)
    expect(mirrorOf(logs)).toMatchObject(tree)
    expect(Object.keys(tree).length).toBeGreaterThan(0)
    expect(Object.keys(tree).length).toBeLessThan(logs.length)
    expect(leftovers(folder)).toEqual([])
  },
)

test('an obstacle for one log fails only that log', async () => {
  const to = world.newPath()
  const first = logs[0] as StoredLog
  mkdirSync(join(to, first.key), { recursive: true })
  const { exitCode, stdout } = await world.run(['download', 'Z', '--to', to, '--output', 'json'])
  expect(exitCode).toBe(1)
  expect(jsonLines(stdout).filter(({ status }) => status === 'failed')).toMatchObject([
    { key: first.key, code: 'object.path-occupied' },
  ])
  expect(treeOf(to)).toEqual(mirrorOf(logs.filter((log) => log !== first)))
})
