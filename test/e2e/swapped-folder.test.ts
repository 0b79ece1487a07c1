import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { keysOf, storedLogs } from './support/stored-logs.ts'
import { filesOf } from './support/tree.ts'

let world: LabWorld

beforeAll(async () => {
  const window = { fromMs: Date.UTC(2026, 9, 31), toMs: Date.UTC(2026, 10, 1) }
  const place = { logAccounts: ['222222222222' as AccountId], regions: ['us-east-1'], kinds: ['events'] } as const
  world = await labWorld({ sample: { objects: 60, foreign: false, window, ...place } })
})
afterAll(() => world.stop())

/** After a number of answers, replaces a folder of the mirror by a link to a folder outside, which has subfolders of the same names. */
function swapAfter(answers: number, to: string, folder: string): { readonly outside: string; readonly moved: string } {
  const [outside, moved] = [world.newPath(), world.newPath()]
  let count = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation !== 'GetObject') return undefined
      if (++count === answers) {
        for (const key of keysOf(storedLogs(world.lab)))
          mkdirSync(join(outside, dirname(key).slice(folder.length)), { recursive: true })
        renameSync(join(to, folder), moved)
        symlinkSync(outside, join(to, folder))
      }
      return { latencyMs: 20 }
    },
  })
  return { outside, moved }
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())

test.each([
  ['download', 'AWSLogs'],
  ['pull', 'AWSLogs/222222222222/CloudTrail'],
])('writes nothing through a folder that becomes a link during a %s, and later logs fail', async (verb, folder) => {
  const to = world.newPath()
  const { outside, moved } = swapAfter(20, to, folder)
  const args = [verb, 'Z', '--to', to, '--concurrency', '1', '--output', 'json']
  const { exitCode, stdout } = await world.run([...args, ...(verb === 'pull' ? ['--since', '2026-10-30'] : [])])
  expect(exitCode).toBe(1)
  const outcomes = jsonLines(stdout)
  const done = outcomes.filter(({ status }) => status === 'done')
  const failed = outcomes.filter(({ status }) => status === 'failed')
  expect(done.length).toBeGreaterThan(0)
  expect(done.length + failed.length).toBe(60)
  expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['object.unsafe-path']))
  expect(filesBelow(outside)).toEqual([])
  expect(filesBelow(moved)).toHaveLength(done.length)
  expect(filesOf(to).filter((path) => path.startsWith(`${folder}/`))).toEqual([])
})
