import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { deleteWorld, type DeleteWorld, filesIn, isOlder, olderHalf, onlyFile } from './support/delete-world.ts'

let world: DeleteWorld
afterEach(() => world.stop())

async function versionedWorld(): Promise<DeleteWorld> {
  world = await deleteWorld()
  const bucket = world.lab.bucket()
  bucket.versioning = 'Enabled'
  for (const { key, object } of world.logs()) bucket.put(key, object.body)
  return world
}

function emptyFolder(): string {
  const folder = world.newPath()
  mkdirSync(folder)
  return folder
}

test("journals and plans go to the user's state folder, and none to the current folder", async () => {
  await versionedWorld()
  const cwd = emptyFolder()
  const home = world.newPath()
  const env = { HOME: home }
  world.lab.addBucket({ name: 'example-archive', owner: labAccounts.A, region: 'us-east-1' })
  const to = ['--to', 's3://example-archive/trail']
  expect((await world.crosstrail(['copy', 'Z', ...to, '--dry-run'], { cwd, env })).exitCode).not.toBe(2)
  await world.crosstrail(['copy', 'Z', ...to], { cwd, env })
  const planned = await world.crosstrail(['delete', 'Z', ...olderHalf], { cwd, env })
  const state = join(home, '.local/state/crosstrail')
  expect(planned.stdout).toContain(`plan       ${onlyFile(state, 'plan')}\n`)
  const deleted = await world.crosstrail(['delete', '--from-plan', onlyFile(state, 'plan'), '--yes'], { cwd, env })
  expect(deleted.stderr).toContain(`journal: ${onlyFile(state, 'delete')}\n`)
  expect(
    (await world.crosstrail(['restore', '--journal', onlyFile(state, 'delete'), '--yes'], { cwd, env })).exitCode,
  ).toBe(0)
  expect(onlyFile(state, 'restore')).toContain(state)
  expect(readdirSync(state).filter((name) => name.startsWith('copy-'))).toHaveLength(1)
  expect(statSync(state).mode & 0o777).toBe(0o700)
  expect(readdirSync(cwd)).toEqual([])
})

test('XDG_STATE_HOME sets another folder', async () => {
  await versionedWorld()
  const state = world.newPath()
  await world.crosstrail(['delete', 'Z', ...olderHalf], { env: { XDG_STATE_HOME: state } })
  expect(filesIn(join(state, 'crosstrail'), 'plan')).toHaveLength(1)
})

test.each([
  [['copy', 'Z', '--to', 's3://example-archive/trail']],
  [['delete', 'Z', ...olderHalf]],
  [['delete', '--from-plan', 'plan.ndjson']],
  [['restore']],
  [['restore', '--journal', 'journal.ndjson']],
])('without a home folder %j makes no call and names --journal-dir', async (args) => {
  await versionedWorld()
  world.lab.requests.clear()
  const { exitCode, stderr } = await world.crosstrail(args, { env: { HOME: 'none' } })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('there is no home folder to keep the journal in')
  expect(stderr).toContain('--journal-dir <folder>')
  expect(world.lab.requests.count()).toBe(0)
})

test('restore without --journal uses the newest delete of this trail, and names it', async () => {
  await versionedWorld()
  const before = world.keys()
  await world.crosstrail(['delete', 'Z', '--until', '2025-01-03', '--yes'])
  await new Promise((settle) => setTimeout(settle, 1100))
  await world.crosstrail(['delete', 'Z', ...olderHalf, '--yes'])
  const [, newest = ''] = filesIn(join(world.env['HOME'] ?? '', '.local/state/crosstrail'), 'delete').toSorted()
  const { exitCode, stdout, stderr } = await world.crosstrail(['restore', '--dry-run'])
  expect(exitCode).toBe(0)
  expect(stderr).toContain(`the journal of the newest delete of this trail is ${newest}\n`)
  expect(stdout).toContain('dry-run')
  expect(world.logs().filter(isOlder)).toEqual([])
  const asked = await world.crosstrail(['restore'])
  expect(asked.stderr).toContain(`crosstrail restore --journal ${newest} --yes`)
  expect(world.keys().length).toBeLessThan(before.length)
})

test('restore --yes requires --journal', async () => {
  await versionedWorld()
  const { exitCode, stderr } = await world.crosstrail(['restore', '--yes'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('restore --yes needs --journal <file>')
})

test('restore without --journal names the folder if there is no delete', async () => {
  await versionedWorld()
  const { exitCode, stderr } = await world.crosstrail(['restore'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain(
    `${join(world.env['HOME'] ?? '', '.local/state/crosstrail')} has no journal of a delete of this trail`,
  )
  expect(stderr).toContain('hint: name the journal with --journal, or its folder with --journal-dir')
})
