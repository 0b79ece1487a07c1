import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { archive, contentsOf, type CopyWorld, copyWorld, foreignArchive, logContents } from './support/copy-world.ts'

let world: CopyWorld
beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 40, foreign: false } })
})
afterAll(() => world.stop())
beforeEach(() => world.lab.requests.clear())

const since = ['--since', '2026-10-31']

test('S3 copies new logs once, and the coverage stays on this machine', async () => {
  const state = world.newPath()
  const pull = ['pull', 'Z', '--to', archive, '--state', state, ...since]
  expect(await world.run(pull)).toMatchObject({ exitCode: 0, stdout: '' })
  expect(contentsOf(world.archive)).toEqual(logContents(world))
  expect(world.lab.requests.count('CopyObject')).toBe(40)
  expect(readdirSync(join(state, '.crosstrail'))).toContain('coverage.json')

  world.lab.requests.clear()
  expect((await world.run(pull)).exitCode).toBe(0)
  expect(world.lab.requests.count('CopyObject')).toBe(0)
  const status = await world.run(['pull', 'status', '--to', archive, '--state', state])
  expect(status.stdout).toMatch(/^LOG ACCOUNT /)
})

test('--to-account writes where the reading account may not', async () => {
  const args = ['pull', 'Z', '--to', foreignArchive, '--state', world.newPath(), '--to-account', 'Zarchive', ...since]
  expect(await world.run(args)).toMatchObject({ exitCode: 0 })
  expect(contentsOf(world.foreign)).toEqual(logContents(world))
})

test("refuses a target among the trail's own keys", async () => {
  const args = ['pull', 'Z', '--to', 's3://example-cloudtrail-logs', '--state', world.newPath()]
  expect(await world.run(args)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("among the trail's own keys") as string,
  })
})
