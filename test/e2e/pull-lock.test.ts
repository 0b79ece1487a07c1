import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ownIdentity } from '../../src/disk/process-identity.ts'
import type { RunningCommand } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { keysOf, storedLogs } from './support/stored-logs.ts'
import { filesOf } from './support/tree.ts'

let world: LabWorld
const started: RunningCommand[] = []

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 30, foreign: false } })
})
afterAll(() => world.stop())
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL')
})

const pullTo = (to: string, ...more: readonly string[]) => ['pull', 'Z', '--to', to, '--since', '2026-10-31', ...more]

/** A pull that has its lock and its first log, and waits until it is released. */
async function startWaiting(to: string): Promise<RunningCommand & { readonly go: () => void }> {
  const gate = world.newPath()
  writeFileSync(gate, '')
  const firstGet = new Promise<void>((resolve) => {
    world.lab.setFaults({
      hook: ({ operation }) => {
        if (operation === 'GetObject') resolve()
        return undefined
      },
    })
  })
  const running = world.start(pullTo(to, '--exec', `while test -e ${gate}; do sleep 0.05; done; : {}`))
  started.push(running)
  await firstGet
  return { ...running, go: () => rmSync(gate) }
}

function leaveLock(to: string, holder: object): void {
  mkdirSync(join(to, '.crosstrail'), { recursive: true, mode: 0o700 })
  const lock = { ...ownIdentity(), since: '2026-11-01T00:00:00.000Z', nonce: '0123456789abcdef', ...holder }
  writeFileSync(join(to, '.crosstrail', 'lock'), JSON.stringify(lock), { mode: 0o600 })
}

const everyKey = () => keysOf(storedLogs(world.lab))
const locksIn = (to: string) => readdirSync(join(to, '.crosstrail')).filter((name) => name.startsWith('lock'))

test('the second of two concurrent pulls names the first and takes nothing, and the first takes all', async () => {
  const to = world.newPath()
  const { child, result, go } = await startWaiting(to)
  const second = await world.run(pullTo(to))
  expect(second).toMatchObject({ exitCode: 1, stdout: '' })
  expect(second.stderr).toContain(`another pull holds this target: process ${child.pid} on `)
  const third = await world.run(pullTo(to, '--if-free'))
  expect(third).toMatchObject({ exitCode: 0, stdout: '' })
  expect(third.stderr).toMatch(/^note: another pull holds this target: .*; nothing was pulled$/m)
  go()
  expect(await result).toMatchObject({ exitCode: 0 })
  expect(filesOf(to)).toEqual(everyKey())
  expect(locksIn(to)).toEqual([])
})

test('one of many concurrent pulls gets the lock, and the target is complete', async () => {
  const to = world.newPath()
  const pulls = await Promise.all(Array.from({ length: 5 }, () => world.run(pullTo(to))))
  const ends = pulls.map(({ exitCode, stderr }) =>
    exitCode === 1 ? /another pull holds this target/.test(stderr) : exitCode,
  )
  expect(ends).toContain(0)
  expect(ends.filter((end) => end !== 0 && end !== true)).toEqual([])
  expect(filesOf(to)).toEqual(everyKey())
  expect(locksIn(to)).toEqual([])
})

test('after SIGKILL the next pull starts at once', async () => {
  const to = world.newPath()
  const { child, go } = await startWaiting(to)
  expect(locksIn(to)).toEqual(['lock'])
  child.kill('SIGKILL')
  await once(child, 'close')
  go()
  expect(locksIn(to)).toEqual(['lock'])
  expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
  expect(filesOf(to)).toEqual(everyKey())
  expect(locksIn(to)).toEqual([])
})

test.skipIf(process.platform !== 'linux')(
  'a process that reuses the pid of a dead holder does not hold the lock, but the holder does',
  async () => {
    const to = world.newPath()
    leaveLock(to, {})
    const held = await world.run(pullTo(to))
    expect(held).toMatchObject({ exitCode: 1 })
    expect(held.stderr).toContain(`process ${process.pid} on `)
    leaveLock(to, { startTicks: '1' })
    expect(await world.run(pullTo(to))).toMatchObject({ exitCode: 0 })
    expect(filesOf(to)).toEqual(everyKey())
  },
)

test('an unreadable lock does not free the target', async () => {
  const to = world.newPath()
  leaveLock(to, {})
  const file = join(to, '.crosstrail', 'lock')
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20))
  const { exitCode, stderr } = await world.run(pullTo(to))
  expect(exitCode).toBe(1)
  expect(stderr).toContain('cannot be read')
  expect(stderr).toMatch(/hint: if no pull is running, remove the file/)
})
