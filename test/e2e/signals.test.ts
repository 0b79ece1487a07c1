import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, storedLogs } from './support/stored-logs.ts'
import { journalsOf, leftovers, treeOf } from './support/tree.ts'

let world: LabWorld
let whole: Readonly<Record<string, string>>

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 300 } })
  whole = mirrorOf(storedLogs(world.lab))
})
afterEach(() => world.lab.setFaults({}))
afterAll(() => world.stop())

/** Starts a download and calls back at its 40th GET. Later GETs take `latencyMs`. */
function downloading(args: readonly string[], latencyMs: number, atForty: (pid: number) => void) {
  let gets = 0
  const to = world.newPath()
  const { child, result } = world.start(['download', '--to', to, '--concurrency', '8', ...args])
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation !== 'GetObject') return undefined
      gets += 1
      if (gets === 40 && child.pid !== undefined) atForty(child.pid)
      return gets < 40 ? undefined : { latencyMs }
    },
  })
  return { to, result }
}

test.each([
  ['SIGINT', 130, []],
  ['SIGTERM', 143, []],
  ['SIGINT', 130, ['--threads', '2']],
] as const)('%s ends a download in order with %i, and the next run completes it: %j', async (signal, code, args) => {
  const { to, result } = downloading(args, 50, (pid) => process.kill(pid, signal))
  const { exitCode, stderr } = await result
  expect(exitCode).toBe(code)
  expect(stderr).toContain('interrupted before the end')
  const tree = treeOf(to)
  expect(whole).toMatchObject(tree)
  expect(Object.keys(tree).length).toBeGreaterThan(0)
  expect(Object.keys(tree).length).toBeLessThan(Object.keys(whole).length)
  const [journal = []] = journalsOf(to)
  const done = journal.filter(({ status }) => status === 'done').map(({ key }) => String(key))
  expect(done.sort()).toEqual(Object.keys(tree))
  expect(journal.at(-1)).toMatchObject({ interrupted: true, done: done.length, failed: 0 })
  expect(leftovers(to)).toEqual([])

  world.lab.setFaults({})
  expect(await world.run(['download', '--to', to])).toMatchObject({ exitCode: 0 })
  expect(treeOf(to)).toEqual(whole)
})

test('SIGINT ends a download from a server that refuses every call, and waiting calls are not sent', async () => {
  const to = world.newPath()
  const { child, result } = world.start(['download', '--to', to])
  let gets = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation !== 'GetObject') return undefined
      gets += 1
      if (gets === 40 && child.pid !== undefined) process.kill(child.pid, 'SIGINT')
      return 'slowDown'
    },
  })
  const { exitCode } = await result
  expect(exitCode).toBe(130)
  expect(gets).toBeLessThan(60)
  expect(treeOf(to)).toEqual({})
})

test('a second SIGINT ends at once and leaves only complete files', async () => {
  let signalledMs = 0
  const { to, result } = downloading([], 20_000, (pid) => {
    process.kill(pid, 'SIGINT')
    setTimeout(() => {
      signalledMs = performance.now()
      process.kill(pid, 'SIGINT')
    }, 300)
  })
  expect(await result).toMatchObject({ exitCode: 130 })
  expect(performance.now() - signalledMs).toBeLessThan(2_000)
  expect(whole).toMatchObject(treeOf(to))
})

test('SIGINT waits for objects in progress, but no longer than the time-out', async () => {
  const { result } = downloading(['--timeout', '1s', '--max-attempts', '5'], 20_000, (pid) =>
    process.kill(pid, 'SIGINT'),
  )
  const startedMs = performance.now()
  expect(await result).toMatchObject({ exitCode: 130 })
  expect(performance.now() - startedMs).toBeLessThan(10_000)
})
