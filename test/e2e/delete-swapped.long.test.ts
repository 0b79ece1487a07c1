import { execFileSync } from 'node:child_process'
import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { jsonLines } from './support/crosstrail.ts'
import { type DeleteWorld, deleteWorld, olderHalf, onlyFile } from './support/delete-world.ts'

let world: DeleteWorld

afterEach(() => world.stop())

/** A day of logs and of hourly digests on either side of the end of the older half. */
const withDigests = () =>
  deleteWorld({
    sample: {
      objects: 60,
      digests: true,
      foreign: false,
      logAccounts: ['222222222222' as AccountId],
      regions: ['us-east-1'],
      window: { fromMs: Date.UTC(2025, 0, 4), toMs: Date.UTC(2025, 0, 6) },
    },
  })
const selected = ['Z', ...olderHalf, '--kind', 'events,digest']

/** Calls back once, when the first request of an operation arrives. */
function onFirst(operation: string, act: () => void): () => boolean {
  let met = false
  world.lab.setFaults({
    hook: (request) => {
      if (request.operation === operation && !met) {
        met = true
        act()
      }
      return undefined
    },
  })
  return () => met
}

const keysIn = (plan: string) =>
  jsonLines(plan).flatMap((line) => (typeof line['etag'] === 'string' ? [String(line['key'])] : []))

/** The plan with the digests that it leaves added to those that go. */
function withMoreDigests(plan: string): string {
  const lines = plan.trimEnd().split('\n')
  const like = lines.find((line) => line.includes('CloudTrail-Digest') && line.includes('"etag"'))
  if (like === undefined) throw new Error('the plan deletes no digest')
  const planned = new Set(keysIn(plan))
  const others = world.keys().filter((key) => key.includes('CloudTrail-Digest') && !planned.has(key))
  expect(others.length).toBeGreaterThan(0)
  const added = others.map((key) =>
    JSON.stringify({ ...(JSON.parse(like) as object), key, etag: world.lab.bucket().get(key)?.etag }),
  )
  return `${[...lines.slice(0, -1), ...added, ...lines.slice(-1)].join('\n')}\n`
}

const changes: readonly (readonly [string, (file: string, plan: string) => void])[] = [
  [
    'has another in its place',
    (file, plan) => {
      writeFileSync(`${file}.new`, withMoreDigests(plan))
      renameSync(`${file}.new`, file)
    },
  ],
  ['is written over', (file, plan) => writeFileSync(file, withMoreDigests(plan))],
  ['is cut off', (file, plan) => truncateSync(file, Math.floor(plan.length / 2))],
  ['is removed', (file) => rmSync(file)],
]

test.each(changes)('deletes exactly what was confirmed if the plan %s meanwhile', async (_how, change) => {
  world = await withDigests()
  const file = world.newPath()
  expect(await world.crosstrail(['delete', ...selected, '--plan', file])).toMatchObject({ exitCode: 0 })
  const plan = readFileSync(file, 'utf8')
  const left = world.keys().filter((key) => !keysIn(plan).includes(key))
  const isChanged = onFirst('DeleteObjects', () => change(file, plan))
  const dir = world.newPath()
  const { exitCode, stderr } = await world.crosstrail(['delete', '--from-plan', file, '--yes', '--journal-dir', dir])
  expect({ exitCode, isChanged: isChanged() }, stderr).toEqual({ exitCode: 0, isChanged: true })
  expect(world.keys()).toEqual(left)
})

test('a delete that makes its own plan deletes what it listed even if the file changes', async () => {
  world = await withDigests()
  const file = world.newPath()
  let left: readonly string[] = []
  onFirst('DeleteObjects', () => {
    const plan = readFileSync(file, 'utf8')
    left = world.keys().filter((key) => !keysIn(plan).includes(key))
    writeFileSync(file, withMoreDigests(plan))
  })
  const args = ['delete', ...selected, '--plan', file, '--yes', '--journal-dir', world.newPath()]
  expect(await world.crosstrail(args)).toMatchObject({ exitCode: 0 })
  expect(left.length).toBeGreaterThan(0)
  expect(world.keys()).toEqual(left)
})

test('shows a plan from a FIFO, and carries it out when it is given again', async () => {
  world = await deleteWorld()
  const file = world.newPath()
  const fifo = world.newPath()
  await world.crosstrail(['delete', 'Z', ...olderHalf, '--plan', file])
  execFileSync('mkfifo', [fifo])
  const before = world.keys()
  const plan = readFileSync(file, 'utf8')
  const give = async (...more: readonly string[]) => {
    const args = ['delete', '--from-plan', fifo, '--journal-dir', world.newPath(), ...more]
    const [ended] = await Promise.all([world.crosstrail(args), writeFile(fifo, plan)])
    return ended
  }
  const shown = await give()
  expect(shown).toMatchObject({ exitCode: 4 })
  expect(shown.stderr).toContain('give the same plan again with --yes')
  expect(world.keys()).toEqual(before)
  expect(await give('--yes')).toMatchObject({ exitCode: 0 })
  expect(world.keys()).toEqual(before.filter((key) => !keysIn(plan).includes(key)))
})

test('Ctrl-C ends a delete that waits for a plan from a FIFO', async () => {
  world = await deleteWorld()
  const fifo = world.newPath()
  execFileSync('mkfifo', [fifo])
  const args = ['delete', '--from-plan', fifo, '--journal-dir', world.newPath(), '--config', world.configFile]
  const { child, result } = world.start(args)
  await sleep(2_000)
  child.kill('SIGINT')
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
  expect(await result).toMatchObject({ exitCode: 130 })
  clearTimeout(late)
})

test('restore undoes what the journal named when it was read, even if the journal is cut off meanwhile', async () => {
  const window = { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 7) }
  world = await deleteWorld({ sample: { objects: 1_500, foreign: false, window } })
  world.lab.bucket().versioning = 'Enabled'
  const before = world.keys()
  const dir = world.newPath()
  const all = ['--from', '2025-01-01', '--until', '2025-01-07', '--allow-whole-trail', '--yes', '--journal-dir', dir]
  expect(await world.crosstrail(['delete', 'Z', ...all])).toMatchObject({ exitCode: 0 })
  const journal = onlyFile(dir, 'delete')
  expect(world.keys()).toEqual([])
  const isChanged = onFirst('ListObjectVersions', () => truncateSync(journal, 2_000))
  const args = ['restore', '--journal', journal, '--yes', '--journal-dir', world.newPath()]
  const { exitCode, stderr } = await world.crosstrail(args)
  expect({ exitCode, isChanged: isChanged() }).toEqual({ exitCode: 0, isChanged: true })
  expect(stderr).not.toContain('not named in the journal')
  expect(world.keys()).toEqual(before)
})
