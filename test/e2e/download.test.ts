import { appendFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { keysOf, mirrorOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { filesOf, journalsOf, leftovers, modesOf, treeOf } from './support/tree.ts'

let world: LabWorld
let logs: readonly StoredLog[]
let to: string

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 150 } })
  logs = storedLogs(world.lab)
  to = world.newPath()
  expect(await world.run(['download', '--to', to])).toMatchObject({ exitCode: 0, stdout: '' })
})
afterAll(() => world.stop())

test('the tree equals the bucket byte for byte, and has no other file', () => {
  expect(treeOf(to)).toEqual(mirrorOf(logs))
})

test('a file has the modification time of its object', () => {
  const times = logs.map(({ key }) => Math.floor(statSync(join(to, key)).mtimeMs / 1000))
  expect(times).toEqual(logs.map(({ object }) => Math.floor(object.lastModifiedMs / 1000)))
})

test('only the owner can read files, folders and journal', () => {
  expect(modesOf(to)).toEqual({ files: new Set(['600']), folders: new Set(['700']) })
})

test('the journal has a head, a line for each object and the totals', () => {
  const [[head, ...lines] = []] = journalsOf(to)
  const tally = lines.pop()
  expect(head).toMatchObject({ journal: 'crosstrail', verb: 'download', trail: { bucket: 'example-cloudtrail-logs' } })
  const done = lines.filter(({ status }) => status === 'done')
  expect(done.map(({ key }) => String(key)).sort()).toEqual(keysOf(logs))
  expect(done.every(({ checked }) => String(checked).includes('md5'))).toBe(true)
  expect(tally).toMatchObject({ interrupted: false, done: logs.length, failed: 0 })
  expect(leftovers(to)).toEqual([])
})

test('counts foreign objects and does not download them', () => {
  const [journal = []] = journalsOf(to)
  const foreign = journal.filter(({ reason }) => reason === 'foreign').map(({ key }) => String(key))
  expect(foreign).toEqual(['AWSLogs/222222222222/CloudTrail/us-east-1/athena/7d1c2f4e.csv'])
  expect(journal.at(-1)).toMatchObject({ skipped: { foreign: 1 } })
})

test('a second run downloads nothing and reports all as present', async () => {
  world.lab.requests.clear()
  const { exitCode, stderr } = await world.run(['download', '--to', to])
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(new RegExp(`^total +0 .*${logs.length} present`, 'm'))
  expect(world.lab.requests.count('GetObject')).toBe(0)
})

test('downloads again only files that are missing, shorter, longer or changed', async () => {
  const [deleted = '', cut = '', longer = '', changed = ''] = keysOf(logs)
  const path = (key: string) => join(to, key)
  rmSync(path(deleted))
  truncateSync(path(cut), 100)
  appendFileSync(path(longer), 'x')
  writeFileSync(path(changed), Buffer.alloc(statSync(path(changed)).size, 'x'))
  world.lab.requests.clear()
  await world.run(['download', '--to', to])
  expect(
    world.lab.requests
      .recent('GetObject')
      .map(({ key }) => key)
      .sort(),
  ).toEqual([deleted, cut, longer, changed])
  expect(treeOf(to)).toEqual(mirrorOf(logs))
})

test('keeps a file that differs only in its time, and corrects the time', async () => {
  const { key, object } = logs[5] as StoredLog
  utimesSync(join(to, key), 1, 1)
  world.lab.requests.clear()
  await world.run(['download', '--to', to])
  expect(world.lab.requests.count('GetObject')).toBe(0)
  expect(Math.floor(statSync(join(to, key)).mtimeMs / 1000)).toBe(Math.floor(object.lastModifiedMs / 1000))
})

test('--overwrite downloads existing files again', async () => {
  world.lab.requests.clear()
  await world.run(['download', '--to', to, '--overwrite'])
  expect(world.lab.requests.count('GetObject')).toBe(logs.length)
  expect(filesOf(to)).toEqual(keysOf(logs))
})
